//! `sql/contract.sql`: the tables that every project has, with types, keys and comments. The contract and the data
//! dictionary in one.

use std::collections::BTreeMap;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use datafusion::sql::sqlparser::ast::{self, ColumnOption, ExactNumberInfo, Statement, TableConstraint};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::conform::stored_schema;
use crate::engine::too_deep;
use crate::error::{Error, Kind, Result};
use crate::lake::TableName;
use crate::project::SqlFolder;

/// The file that holds the contract.
pub const FILE: &str = "contract.sql";

/// How a comment marks personal data.
const PERSONAL: &str = "personal:";

/// The tables of the contract by name.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    tables: BTreeMap<TableName, ContractTable>,
    hash: BTreeMap<TableName, String>,
}

/// One table of the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractTable {
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The columns of the primary key; none if there is none.
    pub key: Vec<String>,
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// Whether it may be null.
    pub nullable: bool,
    /// What it means, for people; empty if nothing is said.
    pub comment: String,
    /// Whether it is personal data.
    pub personal: bool,
}

impl ContractTable {
    /// The table's Arrow schema.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(&column.name, column.data_type.clone(), column.nullable);
        Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()).into()
    }

    /// Where the schema of a stored file differs from the contract; columns beyond it are welcome.
    pub fn breaches(&self, stored: &Schema) -> Vec<String> {
        let promised = stored_schema(&self.schema(), Some(self));
        let breach = |field: &FieldRef| match stored.field_with_name(field.name()) {
            Err(_) => Some(format!("column `{}` is missing", field.name())),
            Ok(found) if found.data_type() != field.data_type() => {
                Some(format!("column `{}` is {}, not {}", field.name(), found.data_type(), field.data_type()))
            }
            Ok(found) if found.is_nullable() && !field.is_nullable() => {
                Some(format!("column `{}` may be null", field.name()))
            }
            Ok(_) => None,
        };
        promised.fields().iter().filter_map(breach).collect()
    }
}

impl Contract {
    /// Reads the contract of a project.
    ///
    /// # Errors
    /// `Config` when it is not made of `CREATE TABLE` statements with types that we know.
    pub fn read(sql: &SqlFolder) -> Result<Self> {
        sql.get(FILE).map_or_else(|| Ok(Self::default()), |file| Self::parse(&file.text))
    }

    fn parse(text: &str) -> Result<Self> {
        let wrong = |message: String| Error::new(Kind::Config, message).with("file", format!("sql/{FILE}"));
        if let Some(reason) = too_deep(text) {
            return Err(wrong(reason));
        }
        let statements = Parser::parse_sql(&GenericDialect {}, text).map_err(|error| wrong(error.to_string()))?;
        let mut contract = Self::default();
        for statement in statements {
            let Statement::CreateTable(create) = &statement else {
                return Err(wrong("the contract may hold only `CREATE TABLE` statements".into()));
            };
            let name: TableName = create.name.to_string().parse()?;
            let table = table(create).map_err(|message| wrong(message).with("table", &name))?;
            contract.hash.insert(name.clone(), blake3::hash(statement.to_string().as_bytes()).to_hex().to_string());
            if contract.tables.insert(name.clone(), table).is_some() {
                return Err(wrong(format!("table `{name}` stands in the contract twice")));
            }
        }
        Ok(contract)
    }

    /// The table called `name`, if the contract has it.
    pub fn table(&self, name: &TableName) -> Option<&ContractTable> {
        self.tables.get(name)
    }

    /// A hash of what the contract says about `name`; none if it says nothing.
    pub(super) fn hash(&self, name: &TableName) -> Option<&str> {
        self.hash.get(name).map(String::as_str)
    }

    /// All tables in the order of their names.
    pub fn tables(&self) -> impl Iterator<Item = (&TableName, &ContractTable)> {
        self.tables.iter()
    }

    /// The comment on a column; none if the contract has no such column.
    pub fn comment(&self, table: &str, column: &str) -> Option<&str> {
        let table = self.tables.get(&table.parse().ok()?)?;
        table.columns.iter().find(|known| known.name == column).map(|column| column.comment.as_str())
    }
}

fn table(create: &ast::CreateTable) -> Result<ContractTable, String> {
    let mut key = Vec::new();
    let mut columns = Vec::new();
    for definition in &create.columns {
        let name = definition.name.value.clone();
        let mut column = Column {
            data_type: data_type(&definition.data_type).ok_or_else(|| {
                format!("column `{name}` has type `{}`, which the contract does not know", definition.data_type)
            })?,
            name,
            nullable: true,
            comment: String::new(),
            personal: false,
        };
        for option in &definition.options {
            match &option.option {
                ColumnOption::NotNull => column.nullable = false,
                ColumnOption::PrimaryKey(_) => key.push(column.name.clone()),
                ColumnOption::Comment(comment) => {
                    column.personal = comment.starts_with(PERSONAL);
                    column.comment.clone_from(comment);
                }
                option => {
                    return Err(format!(
                        "column `{}` has an option that the contract does not know: {option}",
                        column.name
                    ));
                }
            }
        }
        columns.push(column);
    }
    for constraint in &create.constraints {
        match constraint {
            TableConstraint::PrimaryKey(primary) => {
                key.extend(primary.columns.iter().map(|column| column.column.expr.to_string()));
            }
            constraint => return Err(format!("the contract does not know the constraint `{constraint}`")),
        }
    }
    if let Some(unknown) = key.iter().find(|name| !columns.iter().any(|column| &column.name == *name)) {
        return Err(format!("the primary key names the column `{unknown}`, which does not exist"));
    }
    Ok(ContractTable { columns, key })
}

/// The Arrow type of a SQL type. All are types that every reader of Parquet takes. Texts are copied out of the buffers that
/// views share: after a join, a sort would count those buffers once for every batch and find no memory for them.
fn data_type(sql: &ast::DataType) -> Option<DataType> {
    Some(match sql {
        ast::DataType::Varchar(None) | ast::DataType::Text => DataType::Utf8,
        ast::DataType::BigInt(None) => DataType::Int64,
        ast::DataType::Integer(None) | ast::DataType::Int(None) => DataType::Int32,
        ast::DataType::Double(_) => DataType::Float64,
        ast::DataType::Boolean => DataType::Boolean,
        ast::DataType::Date => DataType::Date32,
        ast::DataType::Timestamp(None, ast::TimezoneInfo::None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        ast::DataType::Decimal(ExactNumberInfo::PrecisionAndScale(precision, scale)) => {
            DataType::Decimal128(u8::try_from(*precision).ok()?, i8::try_from(*scale).ok()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_that_ships_is_a_data_dictionary() {
        let contract = Contract::read(&SqlFolder::built_in()).expect("reads");
        for (name, table) in contract.tables() {
            for column in &table.columns {
                assert!(!column.comment.is_empty(), "{name}.{} has no comment", column.name);
            }
        }
        let contacts = contract.table(&"clean.contacts".parse().expect("a name")).expect("exists");
        assert_eq!(contacts.key, ["record_id"]);
        let email = contacts.columns.iter().find(|column| column.name == "email").expect("exists");
        assert!(email.personal && email.nullable);
        assert_eq!(contract.comment("clean.orders", "currency"), Some("ISO 4217"));
    }

    #[test]
    fn types_and_keys_that_make_no_sense_are_refused() {
        for (sql, says) in [
            ("CREATE TABLE clean.x (a INTERVAL)", "type `INTERVAL`"),
            ("CREATE TABLE clean.x (a BIGINT, PRIMARY KEY (b))", "column `b`, which does not exist"),
            ("CREATE TABLE clean.x (a BIGINT UNIQUE)", "does not know"),
            ("SELECT 1", "only `CREATE TABLE`"),
        ] {
            let error = Contract::parse(sql).expect_err("refused").to_string();
            assert!(error.contains(says), "{sql}: {error}");
        }
    }
}
