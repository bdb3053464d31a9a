//! The places of a journey that are not steps: questions, stops, results, and pages of information.
