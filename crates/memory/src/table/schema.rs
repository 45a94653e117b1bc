//! The columns of a table.

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// 8 bytes, signed.
    Int,
    /// An IEEE 754 double.
    Float,
    /// Up to [`Column::size`] bytes.
    Str,
}

/// Why a column was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// There is a column of that name.
    #[error("the column exists already")]
    Duplicate,
    /// A string column needs at least one byte, and less than 2 GiB.
    #[error("no such size of a column")]
    BadSize,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub(super) name: Box<[u8]>,
    pub(super) kind: ColumnType,
    pub(super) size: usize,
    /// Where it begins in the row's data, in words.
    pub(super) offset: usize,
}

impl Column {
    /// Its name; any bytes.
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Its type.
    pub fn kind(&self) -> ColumnType {
        self.kind
    }

    /// The most bytes it holds: 8, or a string's size rounded up to 8.
    pub fn size(&self) -> usize {
        self.size
    }
}

/// The columns of a table, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Schema {
    pub(super) columns: Vec<Column>,
    /// Words of one copy of a row's data.
    pub(super) words: usize,
}

impl Schema {
    /// No columns.
    pub fn new() -> Schema {
        Schema::default()
    }

    /// Adds a column. `size` is for strings, in bytes.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn push(&mut self, name: &[u8], kind: ColumnType, size: usize) -> Result<(), SchemaError> {
        if self.find(name).is_some() {
            return Err(SchemaError::Duplicate);
        }
        let (size, words) = match kind {
            ColumnType::Int | ColumnType::Float => (8, 1),
            // A word for the length comes first.
            ColumnType::Str if (1..1 << 31).contains(&size) => (size.div_ceil(8) * 8, 1 + size.div_ceil(8)),
            ColumnType::Str => return Err(SchemaError::BadSize),
        };
        self.columns.push(Column { name: name.into(), kind, size, offset: self.words });
        self.words += words;
        Ok(())
    }

    /// The columns.
    #[inline]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The number of the column of that name.
    #[inline]
    pub fn find(&self, name: &[u8]) -> Option<usize> {
        self.columns.iter().position(|c| *c.name == *name)
    }
}
