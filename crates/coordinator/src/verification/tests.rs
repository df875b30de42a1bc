//! Verifications: documents, plans and rounds.

mod documents;
mod judging;
mod planning;
mod roll_backs;
mod undeclared;
