//! The operators: who may come to the desk, in a file that `nrg-enroll operators` writes.
//!
//! A line for each: the name, the role and the hash of the password. The file is read at every request, so that an
//! operator who was removed or has another password is out at once.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use super::password::PasswordHash;

/// The longest name, in characters.
const MOST_NAME: usize = 40;
/// What [`Operators::write`] writes above the lines.
const HEAD: &str = "# Written by `nrg-enroll operators`: name, role, hash of the password.\n";

/// What an operator may do. Its word is used in the file and by the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Role {
    /// Look at everything.
    Read,
    /// Settle, amend and send postbacks again, too.
    Settle,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

    /// The word for it, which [`str::parse`] reads.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// An operator.
#[derive(Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name, which stands in every record that the operator leaves.
    pub name: String,
    /// What the operator may do.
    pub role: Role,
    /// The hash of the password.
    pub hash: PasswordHash,
}

impl Operator {
    /// Whether `text` can be a name: letters and digits, and `.`, `-` and `_` between them.
    pub fn is_name(text: &str) -> bool {
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
        text.starts_with(char::is_alphanumeric) && text.chars().count() <= MOST_NAME && text.chars().all(fits)
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (name, role, hash) = (words.next()?, words.next()?, words.next()?);
        let (true, None) = (Self::is_name(name), words.next()) else { return None };
        Some(Self { name: name.to_owned(), role: role.parse().ok()?, hash: PasswordHash::parse(hash)? })
    }
}

/// Why the file of operators cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OperatorsError {
    /// It cannot be read or written.
    #[error("{} cannot be read or written", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// This line is not an operator.
    #[error("line {line} of {} is not a name, read or settle, and a hash of Argon2id", .file.display())]
    Line {
        /// The file.
        file: PathBuf,
        /// From 1 on.
        line: usize,
    },
    /// This line has the name of one before it.
    #[error("line {line} of {} has the name of a line before it", .file.display())]
    Again {
        /// The file.
        file: PathBuf,
        /// From 1 on.
        line: usize,
    },
    /// Another command is writing it, or was cut off.
    #[error("{} is there: another command is writing, or was cut off; if none is, delete it", .0.display())]
    Busy(PathBuf),
}

/// All operators, in the order of the file.
#[derive(Default)]
pub struct Operators(pub Vec<Operator>);

impl Operators {
    /// The operators in `file`.
    ///
    /// # Errors
    /// [`OperatorsError`].
    pub fn read(file: &Path) -> Result<Self, OperatorsError> {
        let text = fs::read_to_string(file).map_err(|error| OperatorsError::File(file.to_owned(), error))?;
        let mut operators = Self::default();
        for (text, line) in text.lines().zip(1..) {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            let operator =
                Operator::parse(text).ok_or(OperatorsError::Line { file: file.to_owned(), line })?;
            if operators.named(&operator.name).is_some() {
                return Err(OperatorsError::Again { file: file.to_owned(), line });
            }
            operators.0.push(operator);
        }
        Ok(operators)
    }

    /// The same; none where there is no such file yet.
    ///
    /// # Errors
    /// [`OperatorsError`].
    pub fn read_or_none(file: &Path) -> Result<Self, OperatorsError> {
        match Self::read(file) {
            Err(OperatorsError::File(_, error)) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            read => read,
        }
    }

    /// Writes them to `file`, readable for its owner alone: whoever reads it meanwhile has the file before or this one.
    ///
    /// # Errors
    /// [`OperatorsError::File`] or [`OperatorsError::Busy`]; the file is as before then.
    pub fn write(&self, file: &Path) -> Result<(), OperatorsError> {
        let mut text = HEAD.to_owned();
        for Operator { name, role, hash } in &self.0 {
            text.push_str(&format!("{name} {} {}\n", role.word(), hash.text()));
        }
        let mut new = file.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        let failed = |error: io::Error| match error.kind() {
            ErrorKind::AlreadyExists => OperatorsError::Busy(new.clone()),
            _ => OperatorsError::File(file.to_owned(), error),
        };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(&new).map_err(failed)?;
        replace(opened, text.as_bytes(), &new, file).map_err(|error| {
            // What was written of it is of no use.
            let _ = fs::remove_file(&new);
            OperatorsError::File(file.to_owned(), error)
        })
    }

    /// The operator of that name.
    pub fn named(&self, name: &str) -> Option<&Operator> {
        self.0.iter().find(|operator| operator.name == name)
    }
}

/// Puts `new`, with `text` in it, in the place of `file`.
fn replace(mut opened: File, text: &[u8], new: &Path, file: &Path) -> io::Result<()> {
    opened.write_all(text)?;
    opened.sync_all()?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Entropy;

    #[test]
    fn operators_are_written_privately_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operators");
        assert!(Operators::read(&file).is_err() && Operators::read_or_none(&file).unwrap().0.is_empty());
        let hash = PasswordHash::of("correct horse", &Entropy::system()).unwrap();
        let operator = |name: &str, role| Operator { name: name.to_owned(), role, hash: hash.clone() };
        let all = Operators(vec![operator("ana.ruiz", Role::Settle), operator("Ben_2", Role::Read)]);
        all.write(&file).unwrap();
        all.write(&file).unwrap();
        assert!(Operators::read(&file).unwrap().0 == all.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(folder.path().join("operators.new"), "").unwrap();
        assert!(matches!(all.write(&file), Err(OperatorsError::Busy(_))));
    }

    #[test]
    fn line_that_is_no_operator_is_named_by_its_number() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("operators");
        let hash = PasswordHash::of("correct horse", &Entropy::system()).unwrap();
        let (hash, other) = (hash.text(), hash.text().replace("argon2id", "argon2i"));
        for (line, message) in [
            ("ana".to_owned(), "line 3 of"),
            (format!("ana admin {hash}"), "line 3 of"),
            (format!("-ana read {hash}"), "line 3 of"),
            (format!("ana read {hash} more"), "line 3 of"),
            (format!("ana read {other}"), "line 3 of"),
            ("ana read correct-horse".to_owned(), "line 3 of"),
            (format!("ben settle {hash}"), "has the name of a line before it"),
        ] {
            fs::write(&file, format!("# comment\nben read {hash}\n{line}\n")).unwrap();
            let error = Operators::read(&file).err().unwrap().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
