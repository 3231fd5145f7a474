//! A proxy in front of a store, for deliveries that come late, twice, or from somebody who should have stopped.
//!
//! It knows where a request begins and ends (HTTP, Redis' protocol), passes everything on as it is, and can do three things to requests that write:
//! delay each by a random time, hold those of the connections that are open now, and send copies once more later, on a connection of its own.
//! Of what is only bytes (a database's connection) it can hold all that goes to the server.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::free_port;
use crate::load::random::Random;

/// What passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1; requests to `…/_bulk` write.
    Http,
    /// Redis; scripts write.
    Redis,
    /// Anything; what a client sends is held piece by piece.
    Bytes,
}

/// Copies wait in a line of this length at most.
const LONGEST_LINE: usize = 20_000;

#[derive(Debug)]
struct Shared {
    protocol: Protocol,
    upstream: u16,
    closed: AtomicBool,
    connections: AtomicU64,
    /// Connections up to this number are held; 0 for none.
    held_up_to: AtomicU64,
    held: AtomicU64,
    /// The longest delay of a writing request, in ms.
    delay: AtomicU64,
    delayed: AtomicU64,
    /// Copies are sent so many ms later; 0 for no copies.
    echo_after: AtomicU64,
    copies: Mutex<VecDeque<(Instant, Vec<u8>)>>,
    echoes: Mutex<Echoes>,
}

/// How a store answered to copies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Echoes {
    /// Requests sent once more.
    pub sent: u64,
    /// Changes in them that the store refused as repeated or stale.
    pub refused: u64,
    /// Changes in them that the store applied.
    pub applied: u64,
}

/// A listening proxy.
#[derive(Debug)]
pub struct Proxy {
    /// Its port on the loopback.
    pub port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Listens in front of a port.
    pub fn start(protocol: Protocol, upstream: u16) -> Result<Proxy> {
        let port = free_port()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).context("a proxy cannot listen")?;
        let shared = Arc::new(Shared {
            protocol,
            upstream,
            closed: AtomicBool::new(false),
            connections: AtomicU64::new(0),
            held_up_to: AtomicU64::new(0),
            held: AtomicU64::new(0),
            delay: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            echo_after: AtomicU64::new(0),
            copies: Mutex::new(VecDeque::new()),
            echoes: Mutex::new(Echoes::default()),
        });
        let for_clients = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if for_clients.closed.load(Ordering::Relaxed) {
                    break;
                }
                let shared = Arc::clone(&for_clients);
                std::thread::spawn(move || serve(client, &shared));
            }
        });
        let for_copies = Arc::clone(&shared);
        std::thread::spawn(move || send_copies(&for_copies));
        Ok(Proxy { port, shared })
    }

    /// Each writing request waits up to so long, at random, before it is passed on.
    pub fn delay(&self, longest: Duration) {
        self.shared.delay.store(millis(longest), Ordering::Relaxed);
    }

    /// How many requests waited.
    pub fn delayed(&self) -> u64 {
        self.shared.delayed.load(Ordering::Relaxed)
    }

    /// A copy of each writing request is sent once more, so much later; a duration of zero ends it.
    pub fn echo(&self, after: Duration) {
        self.shared.echo_after.store(millis(after), Ordering::Relaxed);
    }

    /// Waits until all copies have been sent; gives how the store answered to them since the start.
    pub fn echoes(&self) -> Result<Echoes> {
        let start = Instant::now();
        while !lock(&self.shared.copies).is_empty() {
            ensure!(start.elapsed() < Duration::from_secs(120), "copies of requests still wait after two minutes");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(*lock(&self.shared.echoes))
    }

    /// Writing requests of the connections that are open now wait until they are let go.
    pub fn hold(&self) {
        self.shared.held_up_to.store(self.shared.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// How many requests have been held.
    pub fn held(&self) -> u64 {
        self.shared.held.load(Ordering::SeqCst)
    }

    /// Lets held requests go.
    pub fn let_go(&self) {
        self.shared.held_up_to.store(0, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::Relaxed);
        // The accepting thread looks when somebody comes.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(client: TcpStream, shared: &Shared) {
    let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
    let Ok(server) = TcpStream::connect(("127.0.0.1", shared.upstream)) else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (Ok(mut answers), Ok(mut to_client)) = (server.try_clone(), client.try_clone()) else { return };
    std::thread::spawn(move || {
        let _ = io::copy(&mut answers, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
        let _ = answers.shutdown(Shutdown::Both);
    });
    let mut random = Random::new(number);
    let _ = pass_on(&mut BufReader::new(client), &server, shared, number, &mut random);
    let _ = server.shutdown(Shutdown::Both);
}

fn pass_on(
    client: &mut BufReader<TcpStream>,
    mut server: &TcpStream,
    shared: &Shared,
    number: u64,
    random: &mut Random,
) -> Result<()> {
    loop {
        let (writes, head) = match shared.protocol {
            Protocol::Http => {
                let head = http_head(client)?;
                (is_bulk(&head), head)
            }
            Protocol::Redis => {
                let command = redis_command(client)?;
                (is_script(&command), command)
            }
            Protocol::Bytes => {
                let piece = client.fill_buf()?.to_vec();
                client.consume(piece.len());
                (true, piece)
            }
        };
        if head.is_empty() {
            return Ok(());
        }
        if writes {
            wait(shared, number, random);
        }
        server.write_all(&head)?;
        let mut request = head;
        if shared.protocol == Protocol::Http {
            let body = http_body(client, &request)?;
            server.write_all(&body)?;
            request.extend(body);
        }
        let after = shared.echo_after.load(Ordering::Relaxed);
        if writes && after > 0 {
            let mut copies = lock(&shared.copies);
            if copies.len() < LONGEST_LINE {
                copies.push_back((Instant::now() + Duration::from_millis(after), request));
            }
        }
    }
}

/// Waits as long as the proxy was told to.
fn wait(shared: &Shared, number: u64, random: &mut Random) {
    let longest = shared.delay.load(Ordering::Relaxed);
    if longest > 0 {
        shared.delayed.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(random.bits() % longest));
    }
    if number <= shared.held_up_to.load(Ordering::SeqCst) {
        shared.held.fetch_add(1, Ordering::SeqCst);
        while number <= shared.held_up_to.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The request line and the headers, with the empty line behind them; empty at the end of the connection.
fn http_head(client: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    loop {
        let start = head.len();
        if client.read_until(b'\n', &mut head)? == 0 {
            return Ok(Vec::new());
        }
        if head.get(start..).is_some_and(|line| line == b"\r\n" || line == b"\n") {
            return Ok(head);
        }
    }
}

fn header(head: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let value = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.eq_ignore_ascii_case(name));
    value.map(|(_, value)| value.trim().to_owned())
}

/// The body as it travels: by its length, or in chunks.
fn http_body(reader: &mut impl BufRead, head: &[u8]) -> Result<Vec<u8>> {
    if header(head, "transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked")) {
        let mut body = Vec::new();
        loop {
            let start = body.len();
            reader.read_until(b'\n', &mut body)?;
            let line = String::from_utf8_lossy(body.get(start..).unwrap_or_default()).trim().to_owned();
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default(), 16).context("no chunk")?;
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            body.extend(chunk);
            if size == 0 {
                return Ok(body);
            }
        }
    }
    let length = header(head, "content-length").and_then(|it| it.parse::<usize>().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(body)
}

/// The request without its wish for a compressed answer, which nobody here could read.
fn in_plain(request: &[u8]) -> Vec<u8> {
    let end = request.windows(4).position(|it| it == b"\r\n\r\n").unwrap_or(0);
    let (head, rest) = request.split_at(end);
    let text = String::from_utf8_lossy(head);
    let lines = text.split("\r\n").filter(|it| !it.to_ascii_lowercase().starts_with("accept-encoding:"));
    let mut plain = lines.collect::<Vec<_>>().join("\r\n").into_bytes();
    plain.extend(rest);
    plain
}

fn is_bulk(head: &[u8]) -> bool {
    let line = head.split(|it| *it == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    line.split(' ').nth(1).and_then(|it| it.split('?').next()).is_some_and(|it| it.ends_with("/_bulk"))
}

/// One command in Redis' protocol: an array of strings, or a line.
fn redis_command(client: &mut impl BufRead) -> Result<Vec<u8>> {
    let mut command = Vec::new();
    if client.read_until(b'\n', &mut command)? == 0 {
        return Ok(Vec::new());
    }
    for _ in 0..number_in(&command, b'*').unwrap_or(0) {
        let start = command.len();
        client.read_until(b'\n', &mut command)?;
        let length = number_in(command.get(start..).unwrap_or_default(), b'$').context("not Redis' protocol")?;
        let mut bytes = vec![0; length + 2];
        client.read_exact(&mut bytes)?;
        command.extend(bytes);
    }
    Ok(command)
}

fn number_in(line: &[u8], sign: u8) -> Option<usize> {
    String::from_utf8_lossy(line.strip_prefix(&[sign])?).trim().parse().ok()
}

fn is_script(command: &[u8]) -> bool {
    let start = String::from_utf8_lossy(command.get(..command.len().min(40)).unwrap_or_default()).to_uppercase();
    start.contains("EVAL")
}

/// Sends copies when their time has come, until the proxy is closed.
fn send_copies(shared: &Shared) {
    while !shared.closed.load(Ordering::Relaxed) {
        // A copy leaves the line when it has been answered: an empty line says that nothing is on its way.
        let due = lock(&shared.copies).front().filter(|(due, _)| *due <= Instant::now()).map(|(_, it)| it.clone());
        let Some(request) = due else {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        };
        if let Ok((refused, applied)) = send_copy(shared, &request) {
            let mut echoes = lock(&shared.echoes);
            echoes.sent += 1;
            echoes.refused += refused;
            echoes.applied += applied;
        }
        lock(&shared.copies).pop_front();
    }
}

/// Sends one request on a connection of its own; gives how many of its changes were refused and how many applied.
fn send_copy(shared: &Shared, request: &[u8]) -> Result<(u64, u64)> {
    let mut server = TcpStream::connect(("127.0.0.1", shared.upstream))?;
    server.set_read_timeout(Some(Duration::from_secs(30)))?;
    match shared.protocol {
        Protocol::Http => server.write_all(&in_plain(request))?,
        Protocol::Redis | Protocol::Bytes => server.write_all(request)?,
    }
    let mut answer = BufReader::new(server);
    match shared.protocol {
        Protocol::Http => {
            let head = http_head(&mut answer)?;
            let body = http_body(&mut answer, &head)?;
            let text = String::from_utf8_lossy(&body);
            let refused = text.matches("\"status\":409").count();
            let applied =
                ["200", "201"].iter().map(|it| text.matches(&format!("\"status\":{it}")).count()).sum::<usize>();
            Ok((refused as u64, applied as u64))
        }
        Protocol::Redis => {
            let mut line = String::new();
            answer.read_line(&mut line)?;
            if line.starts_with('$') {
                line.clear();
                answer.read_line(&mut line)?;
            }
            let is_any = |words: &[&str]| words.iter().any(|it| line.contains(it));
            Ok((u64::from(is_any(&["duplicate", "stale"])), u64::from(is_any(&["applied", "deleted"]))))
        }
        Protocol::Bytes => Ok((0, 0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_asks_for_a_plain_answer() {
        let request = b"POST /_bulk HTTP/1.1\r\nAccept-Encoding: gzip\r\nContent-Length: 3\r\n\r\na\r\n";
        assert_eq!(in_plain(request), b"POST /_bulk HTTP/1.1\r\nContent-Length: 3\r\n\r\na\r\n");
    }

    #[test]
    fn requests_end_where_they_end() {
        let mut http: &[u8] = b"POST /_bulk HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\r\n";
        let head = http_head(&mut http).unwrap();
        assert!(is_bulk(&head));
        assert_eq!(http_body(&mut http, &head).unwrap(), b"abc");
        let head = http_head(&mut http).unwrap();
        assert!(!is_bulk(&head) && http_body(&mut http, &head).unwrap().is_empty());

        let mut chunks: &[u8] =
            b"POST /i/_bulk?x HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nrest";
        let head = http_head(&mut chunks).unwrap();
        assert!(is_bulk(&head));
        assert_eq!(http_body(&mut chunks, &head).unwrap(), b"3\r\nabc\r\n0\r\n\r\n");
        assert_eq!(chunks, b"rest");

        let mut redis: &[u8] = b"*2\r\n$7\r\nEVALSHA\r\n$4\r\na\r\nb\r\n*1\r\n$4\r\nPING\r\n";
        let command = redis_command(&mut redis).unwrap();
        assert!(is_script(&command) && command.ends_with(b"a\r\nb\r\n"));
        assert!(!is_script(&redis_command(&mut redis).unwrap()));
    }
}
