//! Keeps the SDK's spans out of a simulation, so that looking at a run does not change it.
//!
//! Each operation of the SDK opens a span at DEBUG whose id is drawn from the thread's `fastrand`
//! generator, from which the pauses between retries are drawn too. It is drawn if somebody listens
//! at DEBUG, and also, by `tracing`'s feature `log`, as long as nobody in the process ever listened.
//! So that a seed has one history, here it is never drawn. Whatever else is logged goes to the
//! subscriber that the caller has.

use tracing::dispatcher::{self, Dispatch};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Metadata};

/// Runs `work` without the SDK's spans and events.
pub(crate) fn without_sdk_traces<T>(work: impl FnOnce() -> T) -> T {
    let subscriber = dispatcher::get_default(Dispatch::clone);
    dispatcher::with_default(&Dispatch::new(WithoutSdk(subscriber)), work)
}

struct WithoutSdk(Dispatch);

fn is_sdk(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("aws_")
}

impl Subscriber for WithoutSdk {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if is_sdk(metadata) {
            Interest::never()
        } else {
            self.0.register_callsite(metadata)
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !is_sdk(metadata) && self.0.enabled(metadata)
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.0.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.0.record_follows_from(span, follows);
    }

    fn event(&self, event: &Event<'_>) {
        self.0.event(event);
    }

    fn enter(&self, span: &Id) {
        self.0.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.0.exit(span);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.clone_span(id)
    }

    fn try_close(&self, id: Id) -> bool {
        self.0.try_close(id)
    }
}
