//! Notices, told to real servers: mail with a certificate of the test's own, HTTP, commands; servers that refuse, delay, hang.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use serde_json::Value;

use crate::rig::{Ran, Rig, noise};

/// A server that ends with the test.
struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A rig with an authority of its own, and secrets.
struct Post {
    rig: Rig,
}

const PASSWORD: &str = "open sesame";

impl Post {
    fn new() -> Self {
        let post = Self { rig: Rig::new() };
        fs::create_dir(post.rig.path("came")).unwrap();
        post.secret("password", PASSWORD);
        post.secret("wrong", "dragon-2026");
        post.secret("key", "a key of the hook's");
        let made = Command::new("sh").arg("-ec").arg(AUTHORITY).current_dir(post.rig.folder.path()).output();
        let made = made.expect("sh is there");
        assert!(made.status.success(), "apt-get install openssl: {}", String::from_utf8_lossy(&made.stderr));
        post
    }

    fn secret(&self, name: &str, secret: &str) {
        fs::write(self.rig.path(name), format!("{secret}\n")).unwrap();
        fs::set_permissions(self.rig.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.rig.path(name).display().to_string()
    }

    fn settings(&self, text: &str) {
        fs::write(self.rig.path("notify.toml"), text).unwrap();
    }

    /// Starts a server; with a certificate if it is to speak TLS.
    fn serve(&self, kind: &str, with_tls: bool) -> Server {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).args([kind, &self.path("came")]).stdout(Stdio::piped());
        if with_tls {
            command.args([self.path("server.pem"), self.path("server.key")]);
        }
        let mut child = command.spawn().expect("python3 is there: apt-get install python3 python3-aiosmtpd");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server tells its port: apt-get install python3-aiosmtpd");
        Server { child, port }
    }

    /// Returns what arrived at servers of a kind.
    fn came(&self, kind: &str) -> Vec<Value> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(self.rig.path("came")).unwrap().map(|one| one.unwrap().path()).collect();
        paths.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind));
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        paths.iter().map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
    }

    fn smtp(&self, name: &str, port: u16, more: &str) -> String {
        format!(
            "[recipient.{name}.smtp]\nserver = \"localhost\"\nport = {port}\nsender = \"beffroi@mairie.example\"\n\
             to = [\"astreinte@ailleurs.example\"]\n{more}\n"
        )
    }

    fn login(&self, secret: &str) -> String {
        format!("user = \"mairie\"\npassword_file = \"{}\"\nca_file = \"{}\"", self.path(secret), self.path("ca.pem"))
    }
}

const AUTHORITY: &str = "
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/CN=Essai' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth\\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile server.ext -out server.pem
";

fn result_of(ran: &Ran, recipient: &str) -> (String, String) {
    let notices = ran.events("notice");
    let notice = notices.iter().find(|notice| notice["recipient"] == recipient).expect("it is told of");
    let word = |field: &str| notice[field].as_str().unwrap_or_default().to_string();
    (word("result"), word("message"))
}

#[test]
fn mail_goes_encrypted_to_whom_it_should_and_to_nobody_else() {
    let post = Post::new();
    let (sound, grey) = (post.serve("smtp-sound", true), post.serve("smtp-grey", true));
    let (plain, silent) = (post.serve("smtp-plain", false), post.serve("silence", false));
    let login = post.login("password");
    post.settings(&format!(
        "language = \"fr\"\nseconds_max = 25\n{}{}{}{}{}{}",
        post.smtp("sound", sound.port, &login),
        post.smtp("grey", grey.port, &login),
        post.smtp("plain", plain.port, &login),
        post.smtp("refused", sound.port, &post.login("wrong")),
        post.smtp("stranger", sound.port, &login.replace("ca_file", "#")),
        post.smtp("silent", silent.port, &login),
    ));
    let begun = Instant::now();
    let ran = post.rig.run(["--json", "notify", "test"]).ends(3);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
    for (recipient, result, words) in [
        ("sound", "sent", ""),
        ("grey", "sent", ""),
        ("plain", "failed", "no encryption"),
        ("refused", "failed", "refuses the login (535)"),
        ("stranger", "failed", "is not believed"),
        ("silent", "failed", ""),
    ] {
        let (got, message) = result_of(&ran, recipient);
        assert!(got == result && message.contains(words), "{recipient}: {got} {message}");
    }
    let all = format!("{}{}", ran.out, ran.err);
    assert!(!all.contains(PASSWORD) && !all.contains("dragon-2026"), "{all}");
    let mails = [post.came("smtp-sound"), post.came("smtp-grey"), post.came("smtp-plain")];
    assert_eq!(mails.each_ref().map(Vec::len), [1, 1, 0]);
    let mail = mails[0][0]["mail"].as_str().unwrap();
    for words in ["Auto-Submitted: auto-generated", "Message-ID: <", "@mairie.example>", "Subject: Essai de "] {
        assert!(mail.contains(words), "no “{words}” in:\n{mail}");
    }
    // One at a time, and a secret that others can read.
    post.rig.run(["notify", "test", "--to", "sound"]).done().says("Told: sound (smtp)");
    fs::set_permissions(post.rig.path("password"), fs::Permissions::from_mode(0o640)).unwrap();
    post.rig.run(["notify", "test", "--to", "sound"]).ends(3).says("chmod 600");
    post.rig.run(["notify", "test", "--to", "nobody"]).ends(2).says("grey");
}

#[test]
fn web_servers_get_signed_json_and_no_secret_follows_a_redirection() {
    let post = Post::new();
    let web = post.serve("web", true);
    let hook = |name: &str, path: &str, proof: &str| {
        format!(
            "[recipient.{name}.webhook]\nurl = \"https://localhost:{}{path}\"\nca_file = \"{}\"\n{proof}_file = \"{}\"\n",
            web.port,
            post.path("ca.pem"),
            post.path("key")
        )
    };
    let ntfy = format!(
        "[recipient.ntfy.ntfy]\nserver = \"https://localhost:{}/\"\ntopic = \"mairie\"\ntags = [\"house\"]\nca_file = \"{}\"\n\
         token_file = \"{}\"\n",
        web.port,
        post.path("ca.pem"),
        post.path("key")
    );
    let hooks = [
        hook("signed", "/signed", "hmac"),
        hook("broken", "/500", "bearer"),
        hook("slow", "/slow", "bearer"),
        hook("moved", "/302", "bearer"),
        hook("gone", "/307", "hmac"),
        hook("closed", "/401", "bearer"),
        hook("stranger", "/stranger", "bearer").replace("ca_file", "#"),
    ];
    post.settings(&format!("seconds_max = 20\n{}{ntfy}", hooks.concat()));
    let ran = post.rig.run(["--json", "notify", "test"]).ends(3);
    for (recipient, result, words) in [
        ("signed", "sent", ""),
        ("ntfy", "sent", ""),
        ("broken", "failed", "(500)"),
        ("slow", "failed", ""),
        ("moved", "failed", "sends elsewhere (302)"),
        ("gone", "failed", "sends elsewhere (307)"),
        ("closed", "failed", "refuses the login (401)"),
        ("stranger", "failed", "is not believed"),
    ] {
        let (got, message) = result_of(&ran, recipient);
        assert!(got == result && message.contains(words), "{recipient}: {got} {message}");
    }
    assert!(!format!("{}{}", ran.out, ran.err).contains("a key of the hook's"));
    let came = post.came("web");
    let at = |path: &str| came.iter().filter(|one| one["path"] == path).collect::<Vec<_>>();
    assert!(at("/elsewhere").is_empty() && at("/stranger").is_empty());
    assert_eq!((at("/500").len(), at("/401").len()), (4, 1), "what may pass by itself is tried again");
    let signed = at("/signed")[0];
    let (headers, body) = (&signed["headers"], signed["body"].as_str().unwrap());
    let message = format!("{}.{body}", headers["x-beffroi-timestamp"].as_str().unwrap());
    let tag = headers["x-beffroi-signature"].as_str().unwrap().strip_prefix("sha256=").unwrap();
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key of the hook's");
    hmac::verify(&key, message.as_bytes(), &data_encoding::HEXLOWER.decode(tag.as_bytes()).unwrap()).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&body["level"], &body["id"]), (&"test".into(), &headers["idempotency-key"]));
    let published = at("/")[0];
    assert_eq!(published["headers"]["authorization"], "Bearer a key of the hook's");
    let published: Value = serde_json::from_str(published["body"].as_str().unwrap()).unwrap();
    assert_eq!((&published["topic"], &published["tags"][1]), (&"mairie".into(), &"house".into()));
}

#[test]
fn a_command_hears_it_and_what_it_prints_or_does_stays_its_own() {
    let post = Post::new();
    let heard = post.path("heard");
    post.settings(&format!(
        "seconds_max = 25\n\
         [recipient.hears]\ncommand = {{ argv = [\"sh\", \"-c\", \"cat > '{heard}'; env >> '{heard}'\"] }}\n\
         [recipient.tells]\ncommand = {{ argv = [\"sh\", \"-c\", \"echo sesame; echo sesame >&2; exit 3\"] }}\n\
         [recipient.hangs]\ncommand = {{ argv = [\"sh\", \"-c\", \"sleep 100 & sleep 100\"], seconds_max = 1 }}\n\
         [recipient.missing]\ncommand = {{ argv = [\"/nowhere/sms; rm x\"] }}\n"
    ));
    let ran = post.rig.run(["--json", "notify", "test"]).ends(3);
    for (recipient, result, words) in [
        ("hears", "sent", ""),
        ("tells", "failed", "exit status: 3"),
        ("hangs", "failed", "did not end in time"),
        ("missing", "failed", "does not start"),
    ] {
        let (got, message) = result_of(&ran, recipient);
        assert!(got == result && message.contains(words), "{recipient}: {got} {message}");
    }
    assert!(!format!("{}{}", ran.out, ran.err).contains("sesame"));
    let heard = fs::read_to_string(heard).unwrap();
    assert!(heard.starts_with("Trial of Beffroi") && heard.contains("BEFFROI_NOTICE_ID="), "{heard}");
    assert!(!heard.contains("BEFFROI_IDENTITY"), "nothing of our environment: {heard}");
}

/// Keeps some letters, and hurts them.
fn attack(rig: &Rig) {
    for number in 0..6 {
        rig.write(&format!("paie/bulletin secret {number}.txt"), format!("Bulletin {number}\n").repeat(300));
    }
    rig.backup();
    for number in 0..6 {
        rig.write(&format!("paie/bulletin secret {number}.txt"), noise(number, 5000));
    }
}

#[test]
fn an_alarm_is_told_once_to_each_and_waits_for_whoever_is_away() {
    let post = Post::new();
    attack(&post.rig);
    let web = post.serve("web", false);
    let port = web.port;
    drop(web);
    let heard = post.path("heard");
    let hears = format!("[recipient.hears]\ncommand = {{ argv = [\"sh\", \"-c\", \"cat >> '{heard}'\"] }}\n");
    let hook = |port: u16| {
        format!(
            "[recipient.away]\nname_source = false\nlanguage = \"fr\"\nwebhook = {{ url = \"http://127.0.0.1:{port}/x\" }}\n"
        )
    };
    post.settings(&format!("seconds_max = 25\n{hears}{}", hook(port)));
    let ran = post.rig.run(["--json", "backup", "source"]).ends(4);
    assert_eq!(result_of(&ran, "hears").0, "sent");
    assert_eq!(result_of(&ran, "away").0, "waiting");
    let spool: Vec<_> = fs::read_dir(post.rig.path("state/notices")).unwrap().map(|one| one.unwrap().path()).collect();
    assert_eq!(spool.len(), 1);
    assert_eq!(spool[0].metadata().unwrap().permissions().mode() & 0o7777, 0o600);

    let web = post.serve("web", false);
    post.settings(&format!("{hears}{}", hook(web.port)));
    let ran = post.rig.run(["--json", "notify", "send"]).done();
    assert_eq!((ran.events("notice").len(), result_of(&ran, "away").0), (1, "sent".into()));
    assert!(post.rig.run(["--json", "notify", "send"]).done().events("notice").is_empty());

    let told = fs::read_to_string(heard).unwrap();
    let body: Value = serde_json::from_str(post.came("web")[0]["body"].as_str().unwrap()).unwrap();
    assert!(told.starts_with("ALARM Beffroi: source (") && told.contains("6 files were sound"), "{told}");
    assert_eq!(told.matches("ALARM").count(), 1);
    assert_eq!((&body["level"], &body["title"], body.get("source")), (&"alarm".into(), &"ALARME Beffroi".into(), None));
    for told in [told, body.to_string()] {
        assert!(!told.contains("bulletin") && !told.contains("paie"), "no file is named: {told}");
    }
}

#[test]
fn what_is_wrong_with_notices_never_spoils_a_backup() {
    let post = Post::new();
    attack(&post.rig);
    post.settings("[recipient.a]\nsmtp = { server = \"x\", password = \"sesame\" }");
    let ran = post.rig.run(["--json", "backup", "source"]).ends(4).says("line 2");
    assert_eq!((ran.events("summary").len(), ran.events("notice")[0]["result"].as_str()), (1, Some("failed")));
    assert!(!format!("{}{}", ran.out, ran.err).contains("sesame"));
    // A server that never answers costs the time that the settings give, and no more.
    let silent = post.serve("silence", false);
    post.settings(&format!(
        "seconds_max = 2\n[recipient.a]\nwebhook = {{ url = \"http://127.0.0.1:{}/\" }}\n",
        silent.port
    ));
    for number in 6..12 {
        post.rig.write(&format!("paie/bulletin {number}.txt"), "x\n".repeat(2000));
    }
    post.rig.run(["backup", "source"]).done();
    for number in 6..12 {
        post.rig.write(&format!("paie/bulletin {number}.txt"), noise(number, 5000));
    }
    let begun = Instant::now();
    let ran = post.rig.run(["--json", "backup", "source"]).ends(4).says("no answer came in time");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(result_of(&ran, "a").0, "waiting");
    assert!(!post.rig.run(["--json", "alarm", "list"]).done().events("alarm").is_empty());
}
