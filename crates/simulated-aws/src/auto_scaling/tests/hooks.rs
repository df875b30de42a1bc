//! Lifecycle hooks.

use super::*;

fn hook(name: &str, transition: Transition, default_result: ActionResult) -> LifecycleHook {
    LifecycleHook {
        name: name.to_owned(),
        transition,
        heartbeat: Duration::from_mins(10),
        default_result,
        metadata: None,
    }
}

fn launch_hook(name: &str, default_result: ActionResult) -> LifecycleHook {
    hook(name, Transition::Launching, default_result)
}

fn with_hooks(hooks: Vec<LifecycleHook>) -> World {
    behind_a_target_group(NewGroup {
        lifecycle_hooks: hooks,
        ..elastic(0, 1, 1)
    })
}

/// Completes the action of a hook for the group's first instance.
fn complete(world: &mut World, hook: &str, result: ActionResult) -> Result<(), ApiError> {
    let instance = ids(world).remove(0);
    complete_lifecycle_action(world, GROUP, hook, Some(&instance), None, result)
}

#[test]
fn an_instance_waits_for_every_launch_hook_and_is_registered_after_them() {
    let abandon = ActionResult::Abandon;
    let mut world = with_hooks(vec![launch_hook("a", abandon), launch_hook("b", abandon)]);
    pass(&mut world, 60);
    assert_eq!(states(&world), ["Pending:Wait"]);
    assert_eq!(registered(&world), [] as [&str; 0]);
    let token = group(&world).instances[0].waiting[0].token.clone();
    let by_token = Some(token.as_str());
    let go_on = ActionResult::Continue;
    complete_lifecycle_action(&mut world, GROUP, "a", None, by_token, go_on).expect("it waits");
    assert_eq!(states(&world), ["Pending:Wait"]);
    complete(&mut world, "b", go_on).expect("it waits");
    assert_eq!(states(&world), ["InService"]);
    assert_eq!(registered(&world), ids(&world));
    for hook in ["a", "b", "c"] {
        let late = complete(&mut world, hook, go_on).expect_err("nothing waits");
        assert_eq!(late.code, "ValidationError");
        let told = "No active Lifecycle Action found with instance ID i-";
        assert!(late.message.starts_with(told), "{}", late.message);
    }
}

#[test]
fn an_answer_needs_an_instance_or_the_right_token() {
    let mut world = with_hooks(vec![launch_hook("a", ActionResult::Abandon)]);
    pass(&mut world, 60);
    for token in [None, Some("wrong")] {
        let refused =
            complete_lifecycle_action(&mut world, GROUP, "a", None, token, ActionResult::Continue);
        assert_eq!(code(refused), "ValidationError");
    }
    assert_eq!(states(&world), ["Pending:Wait"]);
}

#[test]
fn a_launch_that_is_abandoned_ends_the_instance_and_another_comes() {
    let hooks = vec![
        launch_hook("a", ActionResult::Continue),
        launch_hook("b", ActionResult::Continue),
    ];
    let mut world = with_hooks(hooks);
    pass(&mut world, 60);
    let first = ids(&world).remove(0);
    complete(&mut world, "a", ActionResult::Abandon).expect("it waits");
    assert_eq!(states(&world), ["Terminating:Proceed"]);
    let launch = &group(&world).activities[0];
    assert_eq!(launch.status, ActivityStatus::Cancelled);
    assert!(
        launch
            .message
            .as_deref()
            .is_some_and(|told| told.contains("ABANDON"))
    );
    pass(&mut world, 60);
    assert_eq!(states(&world), ["Pending:Wait"]);
    assert!(!ids(&world).contains(&first));
}

#[test]
fn nobodys_answer_is_the_hooks_default() {
    let cases = [
        (ActionResult::Continue, "InService"),
        (ActionResult::Abandon, "Terminating:Proceed"),
    ];
    for (default_result, state) in cases {
        let mut world = with_hooks(vec![launch_hook("a", default_result)]);
        while states(&world) != ["Pending:Wait"] {
            pass(&mut world, 1);
        }
        pass(&mut world, 598);
        assert_eq!(states(&world), ["Pending:Wait"]);
        pass(&mut world, 3);
        assert_eq!(states(&world), [state]);
    }
}

#[test]
fn an_instance_drains_before_its_termination_hooks_and_ends_whatever_they_say() {
    for result in [ActionResult::Continue, ActionResult::Abandon] {
        let going = hook("bye", Transition::Terminating, ActionResult::Continue);
        let mut world = with_hooks(vec![going]);
        pass(&mut world, 60);
        set_capacity(&mut world, GROUP, capacity(None, None, Some(0))).expect("is allowed");
        pass(&mut world, 60);
        assert_eq!(states(&world), ["Terminating"]);
        pass(&mut world, 70);
        assert_eq!(states(&world), ["Terminating:Wait"]);
        assert_eq!(registered(&world), [] as [&str; 0]);
        complete(&mut world, "bye", result).expect("it waits");
        assert_eq!(states(&world), ["Terminating:Proceed"]);
        pass(&mut world, 60);
        assert_eq!(states(&world), [] as [&str; 0]);
    }
}

#[test]
fn code_deploys_own_hook_is_answered_by_nobody_where_no_deployment_group_has_it() {
    let name = format!("{CODE_DEPLOY_HOOK}launch-deployment-hook-shop-1");
    let mut world = with_hooks(vec![launch_hook(&name, ActionResult::Abandon)]);
    pass(&mut world, 60);
    assert_eq!(states(&world), ["Pending:Wait"]);
}

#[test]
fn a_hook_is_replaced_by_name_and_its_heartbeat_has_bounds() {
    let mut world = settled(0);
    for seconds in [29, 7_201] {
        let new = LifecycleHook {
            heartbeat: Duration::from_secs(seconds),
            ..launch_hook("a", ActionResult::Abandon)
        };
        let refused = put_lifecycle_hook(&mut world, GROUP, new);
        assert_eq!(code(refused), "ValidationError", "{seconds}");
    }
    for result in [ActionResult::Abandon, ActionResult::Continue] {
        let new = launch_hook("a", result);
        put_lifecycle_hook(&mut world, GROUP, new).expect("is well formed");
    }
    let hooks = &group(&world).settings.lifecycle_hooks;
    assert_eq!(hooks, &[launch_hook("a", ActionResult::Continue)]);
}

#[test]
fn deleting_a_hook_ends_the_actions_that_wait_for_it() {
    let going = hook("bye", Transition::Terminating, ActionResult::Abandon);
    let mut world = with_hooks(vec![launch_hook("hello", ActionResult::Continue), going]);
    pass(&mut world, 60);
    let first = ids(&world).remove(0);
    delete_lifecycle_hook(&mut world, GROUP, "hello").expect("the group exists");
    assert_eq!(
        states(&world),
        ["Terminating:Wait"],
        "the launch is abandoned"
    );
    delete_lifecycle_hook(&mut world, GROUP, "bye").expect("the group exists");
    assert_eq!(states(&world), ["Terminating:Proceed"]);
    pass(&mut world, 90);
    assert_eq!(states(&world), ["InService"]);
    assert!(!ids(&world).contains(&first));
    delete_lifecycle_hook(&mut world, GROUP, "bye").expect("it is gone already");
}
