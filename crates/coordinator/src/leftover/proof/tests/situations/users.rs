//! Who names the group or holds its instances.

use super::*;

pub(super) const SITUATIONS: &[Situation] = &[
    (
        "its deployment group has adopted it",
        |s| s.owners[0] = owner("shop", "checkout", "CodeDeploy_checkout_d-A1B2C3D4E"),
        SETTLED,
        Expected::Kept(&["named"]),
    ),
    (
        "a group of another application has adopted it",
        |s| {
            s.owners
                .push(owner("blog", "web", "CodeDeploy_checkout_d-A1B2C3D4E"));
        },
        SETTLED,
        Expected::Kept(&["named"]),
    ),
    (
        "two groups have adopted it",
        |s| {
            s.owners[0] = owner("shop", "checkout", "CodeDeploy_checkout_d-A1B2C3D4E");
            s.owners
                .push(owner("blog", "web", "CodeDeploy_checkout_d-A1B2C3D4E"));
        },
        SETTLED,
        Expected::Kept(&["named", "named"]),
    ),
    (
        "an instance is registered",
        |s| s.registrations.push(by_id("target group checkout", "i-0b")),
        SETTLED,
        Expected::Kept(&["registered_by_id"]),
    ),
    (
        "an instance is in a classic load balancer",
        |s| s.registrations.push(by_id("load balancer old", "i-0a")),
        SETTLED,
        Expected::Kept(&["registered_by_id"]),
    ),
    (
        "two places hold instances",
        |s| {
            s.registrations.extend([
                by_id("b", "i-0a"),
                by_id("a", "i-0a"),
                by_id("a", "i-0b"),
                by_id("a", "i-0a"),
            ]);
        },
        SETTLED,
        Expected::Kept(&["registered_by_id", "registered_by_id"]),
    ),
    (
        "an instance of the warm pool is registered",
        |s| {
            warm(s, 1, &["i-0w"]);
            s.registrations.push(by_id("target group checkout", "i-0w"));
        },
        SETTLED,
        Expected::Kept(&["registered_by_id"]),
    ),
    (
        "a function has the same name as an instance",
        |s| {
            s.registrations.push(registered(
                "target group f",
                RegisteredTarget::Other("i-0a".to_owned()),
            ));
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "an instance is registered by address",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "10.0.0.8"));
        },
        SETTLED,
        Expected::Kept(&["registered_by_address"]),
    ),
    (
        "an instance is registered by its second address",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "fd00::7"));
        },
        SETTLED,
        Expected::Kept(&["registered_by_address"]),
    ),
    (
        "an address is spelled otherwise",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "FD00:0:0:0:0:0:0:0007"));
        },
        SETTLED,
        Expected::Kept(&["registered_by_address"]),
    ),
    (
        "an address is spelled as IPv6",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "::ffff:10.0.0.7"));
        },
        SETTLED,
        Expected::Kept(&["registered_by_address"]),
    ),
    (
        "somebody else is registered by address",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "an instance's addresses are not known",
        |s| {
            address(s, "i-0a", &["10.0.0.7"]);
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Kept(&["addresses_unknown"]),
    ),
    (
        "an instance has no address",
        |s| {
            known_addresses(s);
            address(s, "i-0b", &[]);
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Kept(&["addresses_unknown"]),
    ),
    (
        "an instance that terminates has no address any more",
        |s| {
            known_addresses(s);
            address(s, "i-0b", &[]);
            group(s).instances[1] = instance("i-0b", "Terminating:Proceed");
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "an instance of the warm pool has no known address",
        |s| {
            known_addresses(s);
            warm(s, 1, &["i-0w"]);
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Kept(&["addresses_unknown"]),
    ),
    (
        "no address is known, and nobody registers by address",
        |_| {},
        SETTLED,
        Expected::Orphan,
    ),
    (
        "an address that is none is registered",
        |s| {
            known_addresses(s);
            s.registrations
                .push(by_address("target group ip", "10.0.0.010"));
        },
        SETTLED,
        Expected::Kept(&["addresses_unreadable"]),
    ),
    (
        "an instance's address is none",
        |s| {
            known_addresses(s);
            address(s, "i-0b", &["fe80::8%eth0"]);
            s.registrations
                .push(by_address("target group ip", "10.0.0.9"));
        },
        SETTLED,
        Expected::Kept(&["addresses_unreadable"]),
    ),
    (
        "the group is empty, and others register by address",
        |s| {
            group(s).instances.clear();
            s.registrations
                .push(by_address("target group ip", "no address"));
        },
        SETTLED,
        Expected::Orphan,
    ),
    (
        "a target group is attached to it",
        |s| group(s).attached.push("arn:tg".to_owned()),
        SETTLED,
        Expected::Kept(&["attached"]),
    ),
];
