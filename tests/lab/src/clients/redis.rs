//! Redis' own protocol (RESP 2), enough for GET, SET, DEL, SCAN.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// One connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// A reply of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// The null bulk string or array.
    Nothing,
    /// An integer.
    Number(i64),
    /// A simple or bulk string.
    Bytes(Vec<u8>),
    /// An array.
    List(Vec<Reply>),
}

impl Reply {
    /// The bytes as UTF-8, if it is a string.
    pub fn text(&self) -> Option<String> {
        match self {
            Reply::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            Reply::Nothing | Reply::Number(_) | Reply::List(_) => None,
        }
    }
}

impl Client {
    /// Connects and asks for a sign of life.
    pub fn connect(port: u16) -> Result<Client> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        let mut client = Client { stream: BufReader::new(stream) };
        client.call(&["PING"])?;
        Ok(client)
    }

    /// Sends one command and waits for its reply.
    pub fn call(&mut self, words: &[&str]) -> Result<Reply> {
        self.send(&[words])?;
        self.reply()
    }

    /// GETs many keys in one round trip.
    pub fn get_all(&mut self, keys: &[String]) -> Result<Vec<Option<String>>> {
        let commands: Vec<[&str; 2]> = keys.iter().map(|key| ["GET", key.as_str()]).collect();
        self.send(&commands)?;
        keys.iter().map(|_| self.reply().map(|it| it.text())).collect()
    }

    /// All keys that match a glob, once each, sorted.
    pub fn keys(&mut self, pattern: &str) -> Result<Vec<String>> {
        let mut found = std::collections::BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let Reply::List(page) = self.call(&["SCAN", &cursor, "MATCH", pattern, "COUNT", "1000"])? else {
                bail!("SCAN gave no list")
            };
            let [next, Reply::List(keys)] = page.as_slice() else { bail!("SCAN gave no page") };
            found.extend(keys.iter().filter_map(Reply::text));
            cursor = next.text().context("SCAN gave no cursor")?;
            if cursor == "0" {
                return Ok(found.into_iter().collect());
            }
        }
    }

    fn send<W: AsRef<[S]>, S: AsRef<str>>(&mut self, commands: &[W]) -> Result<()> {
        let mut bytes = Vec::new();
        for words in commands {
            let words = words.as_ref();
            write!(bytes, "*{}\r\n", words.len())?;
            for word in words {
                write!(bytes, "${}\r\n{}\r\n", word.as_ref().len(), word.as_ref())?;
            }
        }
        self.stream.get_mut().write_all(&bytes)?;
        Ok(())
    }

    fn reply(&mut self) -> Result<Reply> {
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let line = line.trim_end_matches("\r\n");
        let (kind, rest) = line.split_at_checked(1).context("Redis closed the connection")?;
        match kind {
            "+" => Ok(Reply::Bytes(rest.as_bytes().to_vec())),
            "-" => bail!("Redis: {rest}"),
            ":" => Ok(Reply::Number(rest.parse()?)),
            "$" | "*" if rest == "-1" => Ok(Reply::Nothing),
            "$" => {
                let mut bytes = vec![0; rest.parse::<usize>()? + 2];
                self.stream.read_exact(&mut bytes)?;
                bytes.truncate(bytes.len() - 2);
                Ok(Reply::Bytes(bytes))
            }
            "*" => (0..rest.parse::<usize>()?).map(|_| self.reply()).collect::<Result<_>>().map(Reply::List),
            _ => bail!("not Redis' protocol: {line}"),
        }
    }
}
