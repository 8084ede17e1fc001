//! Listening, and ending well.

use std::convert::Infallible;
use std::fs::File;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Uri};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use whittle_api::Code;
use whittle_store::server::Records;

use crate::app::{App, Phase, Shared};
use crate::refusal::Refusal;
use crate::{Config, Error, Tls, deliver, random, routes, sweep, worker};

/// How long a client may take for its headers, or for the handshake of TLS.
const HEADERS: Duration = Duration::from_secs(20);
/// What the first byte of a TLS connection is.
const HANDSHAKE: u8 = 0x16;

/// A server that is up. Stops when it is dropped without [`Server::stop`], but not well.
pub struct Server {
    address: SocketAddr,
    app: Shared,
    workers: Vec<JoinHandle<()>>,
    accepting: tokio::task::JoinHandle<()>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
    secure: bool,
    /// Held as long as the server lives: one server for one folder.
    _lock: File,
}

/// Serves until `stop` returns; `ready` gets the address.
///
/// # Errors
/// When the server cannot start.
pub fn run(
    config: Config,
    ready: impl FnOnce(&str),
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let server = Server::start(config).await?;
        ready(&server.url());
        stop.await;
        server.stop().await;
        Ok(())
    })
}

/// Tells a running server to stop, from a signal's handler.
#[derive(Debug)]
pub struct Stop(tokio::sync::watch::Sender<bool>);

impl Stop {
    /// Stops it; a second time does nothing more.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// A way to stop a server, and what [`run`] waits for.
pub fn stop_signal() -> (Stop, impl Future<Output = ()>) {
    let (sender, mut receiver) = tokio::sync::watch::channel(false);
    let stopped = async move {
        // A sender that is gone cannot stop anything: then nothing does.
        if receiver.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    (Stop(sender), stopped)
}

impl Server {
    /// Starts to listen and to work.
    ///
    /// # Errors
    /// When it cannot start; nothing is left running then.
    pub async fn start(config: Config) -> Result<Server, Error> {
        // Whoever came first has set the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let tls = config.tls.as_ref().map(acceptor).transpose()?;
        let records = Arc::new(Records::open(&config.data_dir)?);
        let lock = lock(&config)?;
        let left = records.recover()?;
        if left.images + left.deliveries > 0 {
            tracing::info!(
                images = left.images,
                webhooks = left.deliveries,
                "going on with what waits"
            );
        }
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|source| Error::Listen {
                address: config.listen,
                source,
            })?;
        let address = listener.local_addr()?;
        let secure = tls.is_some();
        let base = match &config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => url(secure, address),
        };
        let app = Arc::new(App::new(config, records, base)?);
        let workers = worker::start(&app)?;
        let tasks = vec![
            tokio::spawn(deliver::run(Arc::clone(&app))),
            tokio::spawn(sweep::run(Arc::clone(&app))),
        ];
        let accepting = tokio::spawn(accept(Arc::clone(&app), listener, tls));
        Ok(Server {
            address,
            app,
            workers,
            accepting,
            tasks,
            secure,
            _lock: lock,
        })
    }

    /// What is listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as a URL.
    pub fn url(&self) -> String {
        url(self.secure, self.address)
    }

    /// Refuses what is new, lets running requests finish, and ends. Images that are worked on are
    /// taken up again by the next start.
    pub async fn stop(self) {
        self.app.phase.send_replace(Phase::Draining);
        let end = Instant::now() + self.app.config.drain;
        while self.app.under_way.load(Ordering::SeqCst) > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.app.phase.send_replace(Phase::Closing);
        self.app.cancel(None);
        self.app.bell.ring();
        let _ = self.accepting.await;
        for task in self.tasks {
            let _ = task.await;
        }
        let (app, workers) = (self.app, self.workers);
        // One that was between two images when the rest was cancelled has begun another.
        let ended = tokio::task::spawn_blocking(move || {
            for worker in workers {
                while !worker.is_finished() {
                    app.cancel(None);
                    std::thread::sleep(Duration::from_millis(10));
                }
                let _ = worker.join();
            }
        });
        let _ = ended.await;
    }
}

fn url(secure: bool, address: SocketAddr) -> String {
    format!("{}://{address}", if secure { "https" } else { "http" })
}

/// Two servers on one folder would both work on everything.
fn lock(config: &Config) -> Result<File, Error> {
    let path = config.data_dir.join("server.lock");
    let folder = |source| Error::Folder {
        path: config.data_dir.clone(),
        source,
    };
    let file = File::create(&path).map_err(folder)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Taken {
            path: config.data_dir.clone(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(folder(error)),
    }
}

fn acceptor(tls: &Tls) -> Result<TlsAcceptor, Error> {
    let wrong = |error: &dyn std::fmt::Display| Error::Tls(error.to_string());
    let chain = CertificateDer::pem_file_iter(&tls.certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| wrong(&error))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| wrong(&error))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| wrong(&error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Takes connections until the server closes.
async fn accept(app: Shared, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let router = routes::router(Arc::clone(&app));
    let places = Arc::new(Semaphore::new(app.config.max_connections));
    let mut phase = app.phase.subscribe();
    loop {
        // Who comes when all places are taken waits in the system's queue.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            _ = phase.wait_for(|phase| *phase == Phase::Closing) => return,
        };
        let Ok(place) = place else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = phase.wait_for(|phase| *phase == Phase::Closing) => return,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles, mostly: it passes.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (app, router, tls) = (Arc::clone(&app), router.clone(), tls.clone());
        tokio::spawn(async move {
            let _place = place;
            connection(app, router, stream, tls).await;
        });
    }
}

/// Over TLS where that is spoken; a client that speaks plain HTTP is told so in plain HTTP.
async fn connection(app: Shared, router: Router, stream: TcpStream, tls: Option<TlsAcceptor>) {
    let Some(tls) = tls else {
        return talk(app, router, stream, false).await;
    };
    let mut first = [0];
    let peeked = tokio::time::timeout(HEADERS, stream.peek(&mut first)).await;
    match peeked {
        Ok(Ok(1)) if first[0] == HANDSHAKE => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HEADERS, tls.accept(stream)).await {
                talk(app, router, stream, true).await;
            }
        }
        Ok(Ok(1)) => talk(app, router, stream, false).await,
        _ => {}
    }
}

async fn talk(
    app: Shared,
    router: Router,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    secure: bool,
) {
    let mut phase = app.phase.subscribe();
    let service = service_fn(move |request| {
        let (app, router) = (Arc::clone(&app), router.clone());
        async move { Ok::<_, Infallible>(answer(&app, router, request, secure).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = phase.wait_for(|phase| *phase == Phase::Closing) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(Duration::from_secs(5), connection).await;
}

/// One request: what holds for all of them, around the router.
async fn answer(
    app: &Shared,
    router: Router,
    request: Request<Incoming>,
    secure: bool,
) -> Response<Body> {
    let begin = Instant::now();
    let under_way = app.enter();
    let id = random::base58(12);
    let (mut parts, body) = request.into_parts();
    parts.uri = without_trailing_slash(parts.uri);
    let method = parts.method.clone();
    let route = route(parts.uri.path());
    let secure = secure
        || app.config.allow_http
        || (app.config.behind_proxy
            && parts
                .headers
                .get("x-forwarded-proto")
                .is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https")));
    let is_probe = route == "/healthz";
    let response = if app.phase() != Phase::Running && !is_probe {
        axum::response::IntoResponse::into_response(Refusal::of(Code::Unavailable))
    } else if !secure && !is_probe {
        axum::response::IntoResponse::into_response(Refusal::of(Code::HttpsRequired))
    } else {
        let request = Request::from_parts(parts, Body::new(body));
        match router.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    };
    let mut response = told(response, &id);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let took = begin.elapsed();
    let status = response.status().as_u16();
    app.metrics.answered(route, status, took);
    // Neither the path nor the query: a link's key is a permission.
    tracing::info!(request = id, %method, route, status, ms = took.as_millis() as u64, "answered");
    drop(under_way);
    response
}

/// A refusal gets its body here, where the request's id is known. Headers that stand already stay.
fn told(mut response: Response<Body>, id: &str) -> Response<Body> {
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else {
        return response;
    };
    let mut told = refusal.answer(id);
    for (name, value) in response.headers() {
        if name != "content-length" && !told.headers().contains_key(name) {
            told.headers_mut().insert(name, value.clone());
        }
    }
    told
}

fn without_trailing_slash(uri: Uri) -> Uri {
    let path = uri.path();
    if path.len() < 2 || !path.ends_with('/') {
        return uri;
    }
    let path = match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let trimmed = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = trimmed.parse().ok();
    Uri::from_parts(parts).unwrap_or(uri)
}

/// What a path is counted and logged as: no id, no key, no name.
fn route(path: &str) -> &'static str {
    const ROUTES: [&str; 10] = [
        "/v1/compress",
        "/v1/original_images",
        "/v1/images",
        "/v1/dashboard",
        "/v1/shop",
        "/v1/callback_urls",
        "/healthz",
        "/metrics",
        "/openapi.yaml",
        "/",
    ];
    if path.starts_with("/v1/files/") {
        return "/v1/files/{key}/{filename}";
    }
    if path.starts_with("/v1/original_images/") {
        return "/v1/original_images/{id}";
    }
    if path.starts_with("/v1/callback_urls/") {
        return "/v1/callback_urls/{id}";
    }
    ROUTES
        .into_iter()
        .find(|route| *route == path)
        .unwrap_or("other")
}
