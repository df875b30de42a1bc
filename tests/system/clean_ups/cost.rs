//! What a sweep costs in an account with a thousand groups: calls that all candidates share.

use std::collections::BTreeMap;

use functions::catalogue::Function;
use simulated_aws::World;
use simulated_aws::auto_scaling::{self, NewGroup as NewScalingGroup};
use simulated_aws::code_deploy::Platform;
use simulated_aws::lambda::Health;
use simulated_aws::load_balancing::TargetGroup;

use crate::bad_input::{Scene, group_on, shop};
use crate::report::show;

const GROUPS: usize = 1_000;
const CANDIDATES: usize = 50;
const TARGET_GROUPS: usize = 40;
const APPLICATIONS: usize = 30;

fn account() -> World {
    let mut world = shop(Health::Good);
    for n in 0..GROUPS {
        let name = if n < CANDIDATES {
            format!("CodeDeploy_web_d-{n:09}")
        } else {
            format!("fleet-{n}")
        };
        let group = NewScalingGroup::of_size(&name, 1);
        auto_scaling::create_group(&mut world, group).expect("is a new name");
    }
    for n in 0..TARGET_GROUPS {
        let group = TargetGroup::new(&format!("targets-{n}"), 80);
        world.load_balancing.put_target_group(group);
    }
    for n in 0..APPLICATIONS {
        group_on(&mut world, &format!("application-{n}"), Platform::Server);
    }
    world
}

#[test]
fn a_sweep_of_a_thousand_groups_makes_calls_by_pages_target_groups_and_applications() {
    let scene = Scene::new(account());
    let answer = scene
        .invoke(Function::SweepLeftovers, &serde_json::json!({}))
        .expect("the account can be read");
    assert_eq!(answer["candidates"], CANDIDATES);
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    scene.with(|world| {
        for (_, call) in world.journal.calls() {
            *calls.entry(call.action.clone()).or_default() += 1;
        }
    });
    show(&format!(
        "a sweep of {GROUPS} groups, {CANDIDATES} of them candidates:"
    ));
    for (action, times) in &calls {
        show(&format!("  {times:>4} {action}"));
    }
    let of = |action: &str| calls.get(action).copied().unwrap_or_default();
    let all: usize = calls.values().sum();
    show(&format!("  {all:>4} in all"));
    assert_eq!(
        of("autoscaling:DescribeAutoScalingGroups"),
        GROUPS.div_ceil(100)
    );
    assert_eq!(
        of("elasticloadbalancing:DescribeTargetHealth"),
        TARGET_GROUPS
    );
    // The shop's application is there too.
    assert_eq!(of("codedeploy:ListDeploymentGroups"), APPLICATIONS + 1);
    assert_eq!(of("codedeploy:BatchGetDeploymentGroups"), APPLICATIONS + 1);
    let others = all - GROUPS.div_ceil(100) - TARGET_GROUPS - 2 * (APPLICATIONS + 1);
    // Applications, what is under way, target groups and load balancers, and the candidates'
    // deployments: 25 a call, and each by itself where one of them is unknown.
    assert!(
        others <= 5 + CANDIDATES.div_ceil(25) + CANDIDATES,
        "{others} other calls"
    );
}
