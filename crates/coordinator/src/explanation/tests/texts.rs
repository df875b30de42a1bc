//! What others wrote, as it is told.

use super::super::{secrets, text};

#[test]
fn the_last_line_that_a_script_printed_is_found() {
    let cases: [(&str, Option<&str>); 16] = [
        ("", None),
        ("\n\n", None),
        ("[stdout]\n[stderr]   \n", None),
        (
            "LifecycleEvent - ValidateService\nScript - scripts/status.sh\n",
            None,
        ),
        ("[stderr]connection refused", Some("connection refused")),
        ("[stdout]one\n[stderr]two\n\n", Some("two")),
        ("[stdout]one\n[stderr]\n", Some("one")),
        ("[stdout]one\nScript - scripts/next.sh\n", Some("one")),
        ("2026-08-01 10:00:36 [stdout]late", Some("late")),
        ("2026-08-01 10:00:36 Script - scripts/status.sh", None),
        ("[stdout]a\r\n[stdout]b\r\n", Some("b")),
        ("[stdout] 10 %\r 50 %\r 90 %", Some("90 %")),
        (
            "[stderr]\u{1b}[31;1mFAILED\u{1b}[0m\u{7} twice",
            Some("FAILED twice"),
        ),
        ("[stderr]\u{1b}]0;title\u{7}text\u{1b}", Some("text")),
        ("[stderr]\u{202e}desrever", Some("desrever")),
        ("no stream is named", Some("no stream is named")),
    ];
    for (tail, expected) in cases {
        assert_eq!(text::last_line(tail, 200).as_deref(), expected, "{tail:?}");
    }
}

#[test]
fn what_looks_like_a_secret_is_hidden() {
    let cases = [
        ("password=hunter2", "password=***"),
        ("DB_PASSWORD=hunter2 host=db", "DB_PASSWORD=*** host=db"),
        ("Password: hunter2", "Password: ***"),
        (
            "{\"password\": \"a b\", \"user\": \"u\"}",
            "{\"password\": \"***\", \"user\": \"u\"}",
        ),
        ("token='abc def', next", "token='***', next"),
        ("access_token=abc&user=bob", "access_token=***&user=bob"),
        (
            "curl --password hunter2 --user bob",
            "curl --password *** --user bob",
        ),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent Bearer abcdefghijklmnopqrstuvwx", "sent Bearer ***"),
        ("api-key => k", "api-key => ***"),
        ("key AKIAIOSFODNN7EXAMPLE used", "key *** used"),
        ("(ASIAIOSFODNN7EXAMPLE)", "(***)"),
        (
            "psql postgres://bob:pw@db:5432/shop",
            "psql postgres://***@db:5432/shop",
        ),
        (
            "aws_secret_access_key = wJalr/XUt+FEMI",
            "aws_secret_access_key = ***",
        ),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "got ***"),
        ("Zx8QbWm3Rt6YpLk2Vn5HsDf9GjAc4TeUq", "***"),
        (
            "keys wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY in it",
            "keys *** in it",
        ),
        (
            "GET /x?X-Amz-Signature=ab12&y=1",
            "GET /x?X-Amz-Signature=***&y=1",
        ),
        ("päßwort pwd=ö", "päßwort pwd=***"),
        ("DB_PASS=hunter2 host=db", "DB_PASS=*** host=db"),
        ("pass=hunter2", "pass=***"),
        ("db.pass: hunter2", "db.pass: ***"),
        ("tool --pass hunter2 -v", "tool --pass *** -v"),
        ("postgres://u:pa/ss@h/shop", "postgres://***@h/shop"),
        ("amqp://u:p#a@b?c@h:5672", "amqp://***@h:5672"),
        (
            "https://token@git.example.com/x",
            "https://***@git.example.com/x",
        ),
        ("Slack: xoxb-12345678-abcdefgh", "Slack: ***"),
        (
            "POST https://hooks.slack.com/services/T0/B0/abc gave 404",
            "POST https://hooks.slack.com/services/*** gave 404",
        ),
        ("key:sk_live_abcdefgh12", "key:***"),
        ("glpat-abcdefgh_12-34 is old", "*** is old"),
        (
            "MIIEpAIBAAKCAQEA7b/q9+xYf0Kz/3Lm8Qw+Zt2Rb5Vn7Xc1Pd4Hs6Jg9TyUeWq==",
            "***==",
        ),
        ("data=aB3/dE5+fG7/hI9+jK1/lM3+nO5/pQ7+r", "data=***"),
        (
            "GET /in/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.a-b",
            "GET ***",
        ),
        (
            r#"{"password":"a\"b","user":"u"}"#,
            r#"{"password":"***","user":"u"}"#,
        ),
        (
            r#"{"password":"a\\","user":"u"}"#,
            r#"{"password":"***","user":"u"}"#,
        ),
        (
            r#"body={\"password\":\"a\\\"b c\",\"user\":\"u\"}"#,
            r#"body={\"password\":\"***\",\"user\":\"u\"}"#,
        ),
        (r#"password="a\"b"#, r#"password="***"#),
        ("secret:", "secret:"),
        ("password=", "password="),
    ];
    for (line, expected) in cases {
        assert_eq!(secrets::hide(line), expected);
    }
}

#[test]
fn what_an_option_of_a_known_program_gives_away_is_hidden() {
    let cases = [
        ("curl -u user:pw http://h/x", "curl -u *** http://h/x"),
        (
            "+ /usr/bin/curl -fsSu user:p,w h",
            "+ /usr/bin/curl -fsSu *** h",
        ),
        ("curl -u 'user:p w' h", "curl -u '***' h"),
        ("curl -uuser:pw h", "curl -u*** h"),
        ("curl --user=user:pw h", "curl --user=*** h"),
        ("curl --proxy-user user:pw h", "curl --proxy-user *** h"),
        ("mysql -u root -phunter2 shop", "mysql -u root -p*** shop"),
        ("mysqldump -p'hun ter' shop", "mysqldump -p'***' shop"),
    ];
    for (line, expected) in cases {
        assert_eq!(secrets::hide(line), expected);
    }
}

#[test]
fn what_only_looks_a_little_like_a_secret_is_told() {
    let lines = [
        "the password is wrong",
        "connection to 10.0.0.7:8080 refused",
        "GET https://shop.example.com/health?x=1 gave 503",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "/opt/codedeploy-agent/deployment-root/abef4fc8-8f7b-4974-af74-2d71a7f68342/d-6PWC3F03L",
        "/opt/codedeploy-agent/deployment-root/abef4fc8-8f7b-4974-af74-2d71a7f68342/d-6PWC3F03L/\
         deployment-archive/scripts/status.sh: line 7: exited 1",
        "/srv/Shop2/releases/20260801/bin/OrderController/Main",
        "/Users/Bob/Dev/ShopApi/V2/BuildTools/Out",
        "/usr/lib/jvm/java/lib/security/CaCerts8",
        "the checks pass, bypass=true compass=north passed: 7",
        "GET http://registry.example.com/@types/node gave 404",
        "mail to ops@example.com, clone git@git.example.com:shop/web",
        "curl -u bob http://h/x: (7) Failed to connect to port 8080",
        "curl -sS -o out -XPUT http://h:8080/x",
        "mysql -u root -p shop -P3306",
        "docker run -p 80:80 -u 1000:1000 shop",
        "sort -u a:b",
        "sk_test_ and glpat- begin tokens",
        "AKIA is how keys begin",
        "basic checks passed",
        "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:x",
        "java.lang.IllegalStateException: BeanCreationException in OrderController.java",
    ];
    for line in lines {
        assert_eq!(secrets::hide(line), line);
    }
}

#[test]
fn a_text_is_cut_to_its_bytes_in_json() {
    let cases = [
        ("abc", 3, "abc"),
        ("abcdef", 5, "ab…"),
        ("ab cdef", 6, "ab…"),
        ("ööö", 6, "ööö"),
        ("öööö", 6, "ö…"),
        ("\"\"\"", 5, "\"…"),
        ("", 0, ""),
    ];
    for (long, bytes, expected) in cases {
        assert_eq!(text::fit(long, bytes), expected);
    }
}

#[test]
fn a_secret_that_is_cut_is_hidden_all_the_same() {
    let line = format!("[stderr]{} password={}", "x".repeat(180), "s".repeat(4000));
    let told = text::last_line(&line, 200).expect("a line");
    assert!(!told.contains("sss"), "{told}");
    let long = format!("[stderr]password={}", "s".repeat(9000));
    assert_eq!(text::last_line(&long, 200).as_deref(), Some("password=***"));
}
