//! Web sites outside AWS's APIs: what an HTTP check of a deployment visits.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::World;
use crate::lambda::{self, Named, Served};
use crate::wire::{Request, Response};

/// The sites, by host.
#[derive(Debug, Default)]
pub struct Sites {
    hosts: BTreeMap<String, Site>,
}

/// A site.
#[derive(Clone, Debug, PartialEq)]
pub enum Site {
    /// It always answers the same.
    Fixed(Response),
    /// It is served by a version or an alias of a function, as a function URL or a load balancer
    /// in front of it would: the answer as JSON with status 200, or 502 when the function fails.
    Function(Named),
    /// It takes the connection and never answers.
    Hangs,
}

/// What comes of a visit.
pub(crate) enum Visit {
    Answered { after: Duration, response: Response },
    Unreachable,
    Hangs,
}

impl Sites {
    /// Puts a site at a host, in place of the one that was there.
    pub fn put(&mut self, host: &str, site: Site) {
        self.hosts.insert(host.to_owned(), site);
    }
}

/// How long a site takes to answer: an assumption.
const ANSWER_TAKES: Duration = Duration::from_millis(35);

pub(crate) fn visit(world: &mut World, request: &Request) -> Visit {
    let Some(site) = world.sites.hosts.get(&request.host).cloned() else {
        return Visit::Unreachable;
    };
    let answered = |response| Visit::Answered {
        after: ANSWER_TAKES,
        response,
    };
    match site {
        Site::Fixed(response) => answered(response),
        Site::Hangs => Visit::Hangs,
        Site::Function(named) => match lambda::serve(world, &named) {
            Served::Answer(answer) => answered(Response {
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                body: answer.to_string().into_bytes(),
            }),
            Served::Error => answered(Response {
                status: 502,
                ..Response::default()
            }),
            Served::Hangs => Visit::Hangs,
        },
    }
}
