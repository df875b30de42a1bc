//! Somebody who sees the world each time that a call is about to take effect, and remembers what he
//! has to say of it: what must hold at that moment, and cannot be read from how the world ends.

use std::sync::Arc;

use crate::World;
use crate::call::Call;
use crate::time::Time;

/// What a witness has to say of a call, knowing the world before it.
pub type Look = Arc<dyn Fn(&World, &Call) -> Option<String> + Send + Sync>;

/// A witness and what he said.
#[derive(Default)]
pub struct Witness {
    look: Option<Look>,
    said: Vec<(Time, String)>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness")
            .field("said", &self.said)
            .finish_non_exhaustive()
    }
}

impl Witness {
    /// Has somebody look from now on.
    pub fn looking(look: Look) -> Witness {
        Witness {
            look: Some(look),
            said: Vec::new(),
        }
    }

    /// Whether anybody looks.
    pub fn is_looking(&self) -> bool {
        self.look.is_some()
    }

    /// What he said, in order.
    pub fn said(&self) -> &[(Time, String)] {
        &self.said
    }
}

/// A call is about to take effect.
pub(crate) fn see(world: &mut World, call: &Call) {
    let Some(look) = world.witness.look.clone() else {
        return;
    };
    if let Some(said) = look(world, call) {
        let now = world.now();
        world.witness.said.push((now, said));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallId;
    use crate::wire::{Protocol, Service};
    use serde_json::json;

    #[test]
    fn a_witness_remembers_what_he_saw_and_when() {
        let mut world = World::new(1);
        world.witness = Witness::looking(Arc::new(|world, call| {
            (call.action == "DeleteGroup").then(|| format!("{} at {}", call.caller, world.now()))
        }));
        for action in ["DeleteGroup", "DescribeGroup"] {
            let call = Call {
                id: CallId(1),
                caller: "tester".into(),
                invocation: None,
                service: Service::Sns,
                action: action.into(),
                input: json!({}),
                protocol: Protocol::Query,
            };
            see(&mut world, &call);
        }
        let expected = [(Time::START, format!("tester at {}", Time::START))];
        assert_eq!(world.witness.said(), expected);
    }
}
