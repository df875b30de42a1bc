//! Names that are copies', and names that only look like it.

use super::*;

#[test]
fn a_copys_name_is_read_from_its_end() {
    let cases = [
        ("CodeDeploy_checkout_d-A1B2C3D4E", "checkout", "d-A1B2C3D4E"),
        (
            "CodeDeploy_check_out_d-A1B2C3D4E",
            "check_out",
            "d-A1B2C3D4E",
        ),
        ("CodeDeploy_a_d-b_d-A1B2C3D4E", "a_d-b", "d-A1B2C3D4E"),
        (
            "CodeDeploy_a_d-Z9Y8X7W6V_d-A1B2C3D4E",
            "a_d-Z9Y8X7W6V",
            "d-A1B2C3D4E",
        ),
        (
            "CodeDeploy__d-A1B2C3D4E_d-A1B2C3D4E",
            "_d-A1B2C3D4E",
            "d-A1B2C3D4E",
        ),
        ("CodeDeploy___d-A1B2C3D4E", "_", "d-A1B2C3D4E"),
        (
            "CodeDeploy_CodeDeploy_x_d-1_d-A1B2C3D4E",
            "CodeDeploy_x_d-1",
            "d-A1B2C3D4E",
        ),
        (
            "CodeDeploy_a+b=c,d@e.f_d-A1B2C3D4E",
            "a+b=c,d@e.f",
            "d-A1B2C3D4E",
        ),
        ("CodeDeploy_kasse-ß_d-A1B2C3D4E", "kasse-ß", "d-A1B2C3D4E"),
        (
            "CodeDeploy_checkout_d-A1B2C3D4E5F6",
            "checkout",
            "d-A1B2C3D4E5F6",
        ),
    ];
    for (name, group, deployment) in cases {
        let parsed = CopiedGroupName::parse(name).expect(name);
        assert_eq!(parsed.deployment_group.as_str(), group, "{name}");
        assert_eq!(parsed.deployment.as_str(), deployment, "{name}");
    }
}

#[test]
fn a_name_that_only_looks_like_a_copys_is_none() {
    let long = format!("CodeDeploy_{}_d-A1B2C3D4E", "x".repeat(101));
    let long_id = format!("CodeDeploy_x_d-{}", "A".repeat(31));
    let cases = [
        "",
        "CodeDeploy",
        "CodeDeploy_",
        "CodeDeploy_checkout",
        "CodeDeploy__d-A1B2C3D4E",
        "CodeDeploy_d-A1B2C3D4E",
        "CodeDeploy_checkout_d-",
        "CodeDeploy_checkout_d-a1b2c3d4e",
        "CodeDeploy_checkout_d-A1B2C3D4E ",
        "CodeDeploy_checkout_d-A1B2C3D4E_old",
        "CodeDeploy_checkout_d-A1B2-C3D4",
        "CodeDeploy_checkout-d-A1B2C3D4E",
        "CodeDeploy_checkout_D-A1B2C3D4E",
        "CodeDeploy_checkout_d-A1B2C3D4É",
        "CodeDeploy_ _d-A1B2C3D4E",
        "CodeDeploy_check\nout_d-A1B2C3D4E",
        "codedeploy_checkout_d-A1B2C3D4E",
        " CodeDeploy_checkout_d-A1B2C3D4E",
        "my-CodeDeploy_checkout_d-A1B2C3D4E",
        &long,
        &long_id,
    ];
    for name in cases {
        assert_eq!(CopiedGroupName::parse(name), None, "{name:?}");
    }
}

#[test]
fn whatever_is_called_like_a_copy_resembles_one() {
    for name in [
        "CodeDeploy_checkout_d-A1B2C3D4E",
        "CodeDeploy_checkout_d-a1b2c3d4e",
        "CodeDeploy__d-",
        "CodeDeploy_a_d-b_d-",
    ] {
        assert!(CopiedGroupName::is_resembled_by(name), "{name}");
    }
    for name in [
        "",
        "CodeDeploy_",
        "CodeDeploy_checkout",
        "CodeDeploy_d-A1B2C3D4E",
        "codedeploy_checkout_d-A1B2C3D4E",
        "my-CodeDeploy_checkout_d-A1B2C3D4E",
    ] {
        assert!(!CopiedGroupName::is_resembled_by(name), "{name}");
        assert_eq!(CopiedGroupName::parse(name), None, "{name}");
    }
}
