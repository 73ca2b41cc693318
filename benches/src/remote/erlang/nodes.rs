//! One run: two nodes, started and ended here.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use super::{BEAM, cluster};
use crate::erlang::FLAGS;
use crate::remote::pair;
use crate::remote::pki::Secrets;
use crate::remote::rows::{Row, Work};
use crate::remote::system::{Failure, Id};
use crate::rows::Sample;

/// The module with the workloads.
const MODULE: &str = "remote";

pub(crate) fn run(id: Id, row: &Row, operations: u64) -> Result<Sample, Failure> {
    let (work, size, callers) = match row.work {
        Work::Echo { size } => ("echo", size, 1),
        Work::Callers { count, size } => ("echo", size, count),
        Work::Cast { size } | Work::CastVec { size } => ("cast", size, 1),
        Work::Connect => ("connect", 16, 1),
        Work::Idle => return Err("each session would need a virtual machine of its own".into()),
        Work::Cluster(work) => return cluster::run(id, row, work, operations),
    };
    let (near, far) = Secrets::pair()?;
    let has_tls = id == Id::ErlangTls;
    let mut far = Node::start(MODULE, "far", "far", &far, has_tls, &[])?;
    far.wait_until_ready()?;
    let [size, callers, count] = [size as u64, callers as u64, operations].map(|n| n.to_string());
    let arguments = [far.name.as_str(), work, &size, &callers, &count];
    let mut near = Node::start(MODULE, "near", "near", &near, has_tls, &arguments)?;
    let took = Duration::from_nanos(near.line()?.parse().map_err(|_| near.complaint())?);
    Ok(Sample {
        took,
        figures: vec![row.value(operations, took)],
    })
}

/// A node; it is killed on drop, and ends when its input ends.
pub(super) struct Node {
    pub(super) name: String,
    child: Child,
    _input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// The private files of this node.
    files: PathBuf,
}

impl Node {
    /// Starts a node with this short name, which calls a function of a module.
    pub(super) fn start(
        module: &str,
        function: &str,
        name: &str,
        secrets: &Secrets,
        has_tls: bool,
        arguments: &[&str],
    ) -> Result<Self, Failure> {
        let beam = std::env::var_os(BEAM).ok_or("this is started by the program that measures")?;
        let beam = PathBuf::from(beam);
        let name = format!("{name}_{}@localhost", std::process::id());
        let files = beam.join(&name);
        let mut command = Command::new("erl");
        command.args(FLAGS).args(["-noshell", "-pa"]).arg(&beam);
        command.args(["-sname", &name, "-setcookie", &secrets.cookie]);
        command.args(["-start_epmd", "false"]);
        command.args(["-kernel", "inet_dist_use_interface", "{127,0,0,1}"]);
        if has_tls {
            let options = write_options(&files, secrets)?;
            command.args(["-proto_dist", "inet_tls", "-ssl_dist_optfile"]);
            command.arg(options);
        }
        command
            .args(["-s", module, function, "-extra"])
            .args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn()?;
        let Some(output) = child.stdout.take() else {
            pair::end(&mut child);
            return Err("a node has no output".into());
        };
        Ok(Self {
            name,
            _input: child.stdin.take(),
            child,
            output: BufReader::new(output),
            files,
        })
    }

    pub(super) fn line(&mut self) -> Result<String, Failure> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Waits until a far node serves.
    pub(super) fn wait_until_ready(&mut self) -> Result<(), Failure> {
        match self.line()?.as_str() {
            "ready" => Ok(()),
            _ => Err(format!("a far node does not serve: {}", self.complaint()).into()),
        }
    }

    /// Returns the error output of a node that has ended.
    pub(super) fn complaint(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.child.stderr.take() {
            // On an error, the report contains the text that was read so far.
            let _ = stderr.read_to_string(&mut text);
        }
        text
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        pair::end(&mut self.child);
        // Without TLS there are none.
        let _ = std::fs::remove_dir_all(&self.files);
    }
}

/// Mutual TLS 1.3, as options of Erlang's `ssl`.
fn write_options(dir: &Path, secrets: &Secrets) -> Result<PathBuf, Failure> {
    let authority = binary(&secrets.authority());
    let certificates: Vec<String> = secrets.chain().iter().map(|one| binary(one)).collect();
    let key = binary(secrets.key().secret_der());
    let both = format!(
        "{{cacerts,[{authority}]}},{{cert,[{}]}},{{key,{{'PrivateKeyInfo',{key}}}}},{{verify,verify_peer}},{{versions,['tlsv1.3']}}",
        certificates.join(",")
    );
    std::fs::create_dir_all(dir)?;
    let path = dir.join("options");
    let server = format!("{{server,[{both},{{fail_if_no_peer_cert,true}}]}}");
    std::fs::write(&path, format!("[{server},{{client,[{both}]}}].\n"))?;
    Ok(path)
}

/// Formats bytes as an Erlang binary.
fn binary(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(u8::to_string).collect();
    format!("<<{}>>", bytes.join(","))
}
