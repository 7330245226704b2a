//! A store below a prefix of another one. `object_store` 0.13 has one, whose objects say where they are in the other
//! store when they are read, and where they are below the prefix when they are listed; the query engine, which asks for
//! an object and gets another, then finds none.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result,
};

/// Everything below a prefix.
#[derive(Debug)]
pub(super) struct Below(PrefixStore<Arc<dyn ObjectStore>>);

impl Below {
    /// What is below `prefix` in `store`.
    pub(super) fn new(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self(PrefixStore::new(store, prefix))
    }
}

impl fmt::Display for Below {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Below {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.0.put_opts(path, payload, options).await
    }

    async fn put_multipart_opts(&self, path: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.0.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        let mut result = self.0.get_opts(path, options).await?;
        result.meta.location = path.clone();
        Ok(result)
    }

    async fn get_ranges(&self, path: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.0.get_ranges(path, ranges).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.0.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.0.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.0.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.0.copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;

    use super::*;

    #[test]
    fn an_object_says_where_it_is_below_the_prefix() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            let (below, path) = (Below::new(Arc::clone(&store), "shop/lake".into()), Path::from("raw/a.parquet"));
            below.put(&path, "x".into()).await.expect("writes");
            assert_eq!(below.head(&path).await.expect("is there").location, path);
            assert_eq!(below.get(&path).await.expect("is there").meta.location, path);
            store.head(&"shop/lake/raw/a.parquet".into()).await.expect("is there");
        });
    }
}
