//! What an HTTP check does with addresses that answer strangely, or not at all.

use simulated_aws::World;
use simulated_aws::sites::Site;
use simulated_aws::wire::Response;

use super::checks::{Case, hold, site};

const BODY_BYTES_READ: usize = 64 * 1024;

fn check(host: &str, more: &str) -> String {
    format!("kind = \"http\"\nurl = \"https://{host}/x\"\n{more}")
}

/// A body whose word begins at this byte, with more behind it.
fn long(world: &mut World, word_at: usize) {
    let mut body = vec![b'a'; word_at];
    body.extend(b"word");
    body.extend(vec![b'b'; 3 * 1024 * 1024]);
    site(world, "long.example.com", 200, &body);
}

#[test]
fn only_the_first_64_kib_of_a_body_are_looked_at() {
    hold(&[
        Case {
            name: "the word ends at the limit",
            check: check("long.example.com", "body_contains = \"word\""),
            prepare: |world| long(world, BODY_BYTES_READ - 4),
            passes: true,
            says: &["answered 200, as it must"],
        },
        Case {
            name: "the word goes one byte beyond",
            check: check("long.example.com", "body_contains = \"word\""),
            prepare: |world| long(world, BODY_BYTES_READ - 3),
            passes: false,
            says: &["the body does not contain \"word\"; it is 65536 bytes and begins \"aaaa"],
        },
    ]);
}

fn redirect(world: &mut World) {
    let response = Response {
        status: 302,
        headers: vec![("location".into(), "https://there.example.com/x".into())],
        body: Vec::new(),
    };
    world.sites.put("here.example.com", Site::Fixed(response));
    site(world, "there.example.com", 200, b"");
}

#[test]
fn a_redirect_is_an_answer_and_is_not_followed() {
    hold(&[
        Case {
            name: "not as expected",
            check: check("here.example.com", ""),
            prepare: redirect,
            passes: false,
            says: &["answered 302: expected status 200-299"],
        },
        Case {
            name: "as expected",
            check: check("here.example.com", "status = 302"),
            prepare: redirect,
            passes: true,
            says: &["answered 302, as it must"],
        },
    ]);
}

#[test]
fn what_does_not_answer_or_cannot_be_reached_is_not_passed() {
    hold(&[
        Case {
            name: "hangs",
            check: check("slow.example.com", "timeout_seconds = 1"),
            prepare: |world| world.sites.put("slow.example.com", Site::Hangs),
            passes: false,
            says: &[
                "could not be reached from where the check runs: no answer from \
                 https://slow.example.com/x within 1000 ms",
            ],
        },
        Case {
            name: "unreachable",
            check: check("nowhere.example.com", ""),
            prepare: |_world| {},
            passes: false,
            says: &[
                "could not be reached from where the check runs: no answer from \
                 https://nowhere.example.com/x: ",
            ],
        },
    ]);
}
