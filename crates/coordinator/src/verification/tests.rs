mod documents;
mod judging;
mod planning;
