//! What processes are told, and that each has credentials of its own.

use super::*;

fn configuration(function_arn: &str) -> Configuration {
    Configuration {
        handler: "read-hook".into(),
        function_arn: function_arn.into(),
        variables: BTreeMap::new(),
    }
}

#[test]
fn a_process_is_told_its_function_its_version_and_its_credentials() {
    let function = "arn:aws:lambda:eu-central-1:123456789012:function:pointsman-read-hook";
    let cases = [
        (function.to_owned(), "$LATEST"),
        (format!("{function}:3"), "3"),
        (format!("{function}:live"), "live"),
    ];
    for (arn, version) in cases {
        let configuration = configuration(&arn);
        let told = lambda_variables(&configuration, Path::new("/var/task/bootstrap"), "ASIA1");
        assert_eq!(told["AWS_LAMBDA_FUNCTION_NAME"], "pointsman-read-hook");
        assert_eq!(told["AWS_LAMBDA_FUNCTION_VERSION"], version);
        assert_eq!(told["AWS_ACCESS_KEY_ID"], "ASIA1");
        assert_eq!(told["LAMBDA_TASK_ROOT"], "/var/task");
    }
}

#[test]
fn each_environment_has_credentials_of_its_own() {
    let fleet = Fleet {
        binaries: Binaries {
            folder: PathBuf::new(),
            environment: BTreeMap::new(),
            log: Arc::new(|_, _| {}),
        },
        idle: Mutex::default(),
        started: Mutex::new(0),
    };
    let keys = [fleet.draw_access_key(), fleet.draw_access_key()];
    assert_ne!(keys[0], keys[1]);
    // An access key ID has 20 characters (IAM User Guide, "IAM identifiers").
    assert!(keys.iter().all(|key| key.len() == 20), "{keys:?}");
}
