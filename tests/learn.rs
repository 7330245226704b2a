//! Clusters and propensities of the sample shop that ships, as its user would look at them.

use crate::support::{Shop, repository};

fn shop() -> Shop {
    let shop = Shop::copy(&repository().join("data/shop"));
    shop.run(&["refresh", "--as-of", "2026-06-30"]).ok();
    shop
}

#[test]
fn the_sample_shop_has_clusters_and_propensities_that_hang_together() {
    let shop = shop();
    let clusters = shop.value(
        "SELECT count(*) BETWEEN 3 AND 8, sum(customers) = (SELECT count(*) FROM rfm.buyers), round(sum(share), 3),
                count(DISTINCT why), min(cluster) FROM rfm.cluster_models",
    );
    assert_eq!(clusters, "true,true,1.0,1,1");
    // What the words say is so: who bought lately bought more lately than others.
    let words = "SELECT avg(t.recency_days) FILTER (WHERE c.description LIKE '%bought lately%')
                        < avg(t.recency_days) FILTER (WHERE c.description NOT LIKE '%bought lately%')
                 FROM rfm.clusters AS c JOIN rfm.traits AS t ON t.customer_id = c.customer_id AND t.days_back = 0";
    assert_eq!(shop.value(words), "true");
    // The functions are anybody's: a fit on the same rows has the same centres.
    let again = "WITH fit AS (SELECT kmeans_fit({'log_orders': log_orders, 'web_share': web_share}, 3) AS model
                              FROM rfm.traits WHERE days_back = 0)
                 SELECT count(DISTINCT kmeans_cluster(model, {'web_share': web_share, 'log_orders': log_orders}))
                 FROM rfm.traits CROSS JOIN fit WHERE days_back = 0";
    assert_eq!(shop.value(again), "3");
    // What was known ninety days ago is what a run of that day knew.
    let before = "SELECT sum(orders), min(recency_days), count(bought_again) FROM rfm.traits WHERE days_back = ";
    let seen_back = shop.value(&format!("{before} 90"));
    shop.run(&["run", "--as-of", "2026-04-01"]).ok();
    let seen_then = shop.value(&format!("{before} 0"));
    let figures = |row: &str| row.rsplit_once(',').unwrap().0.to_owned();
    assert_eq!(figures(&seen_back), figures(&seen_then));
    assert!(seen_then.ends_with(",0") && !seen_back.ends_with(",0"), "{seen_back} {seen_then}");
}

#[test]
fn too_few_customers_have_no_propensities_and_are_told_so() {
    let shop = shop();
    let few = "SELECT m.model, m.identified, m.warning IS NOT NULL, m.auc IS NULL,
                      (SELECT count(p_repeat_purchase) + count(p_churn) > 0 FROM rfm.propensities)
               FROM rfm.propensity_models AS m ORDER BY 1";
    let config = std::fs::read_to_string(shop.path().join("onefold.toml")).unwrap();
    // Nobody had bought ten thousand days before.
    shop.put(
        "onefold.toml",
        config.replace("[params]", "[params]\npropensity_days = 10000\nlapsed_days = 10000\nclusters = 2"),
    );
    shop.run(&["run", "--as-of", "2026-06-30"]).ok();
    let nothing = "there are no rows: nothing to learn from";
    assert_eq!(shop.rows(few), ["churn,false,true,true,false", "repeat_purchase,false,true,true,false"]);
    assert_eq!(shop.value("SELECT max(warning) FROM rfm.propensity_models"), nothing);
    assert_eq!(shop.value("SELECT count(*), max(why) FROM rfm.cluster_models"), "2,\"2, as asked for\"");
}
