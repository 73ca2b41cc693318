//! A client of a language server over two pipes, with one open file.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The maximum time to load the crate, including dependencies and standard library.
const LOADING: Duration = Duration::from_secs(240);

/// The maximum time for one answer.
const ANSWER: Duration = Duration::from_secs(60);

/// A session with the server. The server process ends with the session.
pub(super) struct Client {
    process: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    asked: u64,
    version: u64,
    uri: String,
    text: String,
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Client {
    /// Starts the program, opens `main.rs` of the crate in `folder`, and waits until the server has loaded it.
    ///
    /// # Errors
    ///
    /// The part that the server could not load.
    pub(super) fn start(program: &str, folder: &Path, options: &Value) -> Result<Self, String> {
        let mut process = Command::new(program)
            .current_dir(folder)
            .env("CARGO_NET_OFFLINE", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        let output = process.stdout.take().unwrap();
        let root = format!("file://{}", folder.display());
        let file = folder.join("src/main.rs");
        let mut client = Self {
            process,
            input,
            messages: messages(output),
            asked: 0,
            version: 0,
            uri: format!("file://{}", file.display()),
            text: std::fs::read_to_string(file).unwrap(),
        };
        client.initialize(&root, options)?;
        Ok(client)
    }

    fn initialize(&mut self, root: &str, options: &Value) -> Result<(), String> {
        let hover = json!({ "contentFormat": ["markdown"] });
        let parameters = json!({
            "processId": null,
            "rootUri": root,
            "workspaceFolders": [{ "uri": root, "name": "fixture" }],
            "initializationOptions": options,
            "capabilities": {
                "experimental": { "serverStatusNotification": true },
                "textDocument": { "hover": hover },
            },
        });
        self.ask("initialize", &parameters);
        self.tell("initialized", &json!({}));
        let document =
            json!({ "uri": self.uri, "languageId": "rust", "version": 0, "text": self.text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }));
        let until = Instant::now() + LOADING;
        loop {
            let message = self.next(until);
            let status = &message["params"];
            if message["method"] != "experimental/serverStatus" || status["quiescent"] != true {
                continue;
            }
            return match status["message"].as_str() {
                Some(problem) if status["health"] != "ok" => Err(problem.to_owned()),
                _ => Ok(()),
            };
        }
    }

    /// Replaces the text of the open file.
    pub(super) fn change(&mut self, text: &str) {
        self.version += 1;
        text.clone_into(&mut self.text);
        let document = json!({ "uri": self.uri, "version": self.version });
        let changes = json!([{ "text": text }]);
        let parameters = json!({ "textDocument": document, "contentChanges": changes });
        self.tell("textDocument/didChange", &parameters);
    }

    /// Returns the text that the editor shows at a position, as Markdown.
    pub(super) fn hover(&mut self, place: &str) -> String {
        let answer = self.ask_at("textDocument/hover", place, json!({}));
        answer["contents"]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Returns the lines of this file that contain the definition.
    pub(super) fn definition(&mut self, place: &str) -> Vec<String> {
        let answer = self.ask_at("textDocument/definition", place, json!({}));
        let places = answer.as_array().cloned().unwrap_or_default();
        let line = |place: &Value| {
            assert_eq!(place["uri"], self.uri, "the definition is in this file");
            let line = place["range"]["start"]["line"].as_u64().unwrap();
            let line = self
                .text
                .lines()
                .nth(usize::try_from(line).unwrap())
                .unwrap();
            line.trim().to_owned()
        };
        places.iter().map(line).collect()
    }

    /// Returns the completions that the editor offers, without their arguments.
    pub(super) fn completions(&mut self, place: &str) -> Vec<String> {
        let answer = self.ask_at("textDocument/completion", place, json!({}));
        let list = answer.get("items").unwrap_or(&answer);
        let items = list.as_array().cloned().unwrap_or_default();
        let word = |item: &Value| {
            let label = item["label"].as_str().unwrap_or_default();
            let is_part = |c: char| !c.is_alphanumeric() && c != '_';
            label.split(is_part).next().unwrap_or_default().to_owned()
        };
        items.iter().map(word).collect()
    }

    /// Returns the errors that the editor underlines itself, without running the compiler.
    pub(super) fn errors(&mut self) -> Vec<String> {
        let document = json!({ "textDocument": { "uri": self.uri } });
        let answer = self.ask("textDocument/diagnostic", &document);
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let errors = items.iter().filter(|item| item["severity"] == 1);
        errors
            .filter_map(|item| item["message"].as_str().map(str::to_owned))
            .collect()
    }

    /// Returns the number of edits in this file for a rename.
    pub(super) fn rename(&mut self, place: &str, name: &str) -> usize {
        let answer = self.ask_at("textDocument/rename", place, json!({ "newName": name }));
        let changes = &answer["changes"][&self.uri];
        let documents = answer["documentChanges"].as_array();
        let in_documents = documents
            .into_iter()
            .flatten()
            .map(|document| &document["edits"]);
        let edits = in_documents.chain([changes]).filter_map(Value::as_array);
        edits.map(Vec::len).sum()
    }

    /// Sends a request for the position that `^` marks in a piece of the text: before the next character.
    fn ask_at(&mut self, method: &str, place: &str, mut parameters: Value) -> Value {
        let (before, after) = place.split_once('^').unwrap();
        let found = self.text.find(&format!("{before}{after}"));
        let found = found.unwrap_or_else(|| panic!("no `{place}` in the open file"));
        let ahead = &self.text[..found + before.len()];
        let line = ahead.matches('\n').count();
        let character = ahead.rsplit('\n').next().unwrap_or_default().len();
        parameters["textDocument"] = json!({ "uri": self.uri });
        parameters["position"] = json!({ "line": line, "character": character });
        self.ask(method, &parameters)
    }

    /// Sends a request and returns its result. Repeats the request if the server reports that the content was modified.
    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        const CONTENT_MODIFIED: i64 = -32801;
        let until = Instant::now() + ANSWER;
        loop {
            self.asked += 1;
            let id = self.asked;
            self.send(
                &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }),
            );
            let answer = loop {
                let message = self.next(until);
                if message["id"] == id && message.get("method").is_none() {
                    break message;
                }
            };
            match answer.get("error") {
                Some(error) if error["code"] == CONTENT_MODIFIED => {}
                Some(error) => panic!("{method}: {error}"),
                None => return answer["result"].clone(),
            }
        }
    }

    fn tell(&mut self, method: &str, parameters: &Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    /// Returns the next message. Requests from the server to the editor get a null answer.
    fn next(&mut self, until: Instant) -> Value {
        let left = until.saturating_duration_since(Instant::now());
        let message = match self.messages.recv_timeout(left) {
            Ok(message) => message,
            Err(RecvTimeoutError::Timeout) => panic!("rust-analyzer takes too long"),
            Err(RecvTimeoutError::Disconnected) => panic!("rust-analyzer has ended"),
        };
        if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }));
        }
        message
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }
}

/// Reads the server's messages in a separate thread, which ends with the server.
fn messages(output: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut output = BufReader::new(output);
        while let Some(message) = message(&mut output) {
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

/// Reads one message: header lines, an empty line, and the number of bytes that the header gives.
fn message(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    Read::read_exact(output, &mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
