//! The journey as a table: what is answered, where it stands, what may be visited.

use super::*;
use crate::fields::*;

