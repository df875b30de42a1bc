//! Observes and acts through the AWS SDK, and classifies its errors.
