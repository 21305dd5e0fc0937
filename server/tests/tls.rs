//! Redis и RabbitMQ за TLS со своим центром сертификации: доверяем тем, кому доверяет машина (`SSL_CERT_FILE`), и никому больше.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use testkit::{RedisServer, required};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::program::{Ended, Program};

/// Порт, за которым TLS снят, и файл сертификата, которому надо верить.
struct Front {
    port: u16,
    certificate: PathBuf,
    _folder: tempfile::TempDir,
}

/// Принимает TLS и отдаёт снятое на `127.0.0.1:target`.
async fn tls_before(target: u16) -> Front {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = folder.path().join("ca.pem");
    std::fs::write(&certificate, issued.cert.pem()).expect("written");
    let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(vec![issued.cert.der().clone()], key)
        .expect("a server");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("address").port();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let (mut client, mut server) =
                    (acceptor.accept(client).await.ok()?, TcpStream::connect(("127.0.0.1", target)).await.ok()?);
                copy_bidirectional(&mut client, &mut server).await.ok()
            });
        }
    });
    Front { port, certificate, _folder: folder }
}

async fn check(setting: String, trusted: Option<&Path>) -> Ended {
    let environment: Vec<_> = trusted.map(|file| ("SSL_CERT_FILE", file.to_owned())).into_iter().collect();
    let checked = tokio::task::spawn_blocking(move || {
        let environment: Vec<_> = environment.iter().map(|(name, file)| (*name, file.as_path())).collect();
        Program::new().run(&["config", "check", "--set", &setting], &environment)
    });
    checked.await.expect("checked")
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_behind_tls_is_believed_by_its_certificate_only() {
    let Some(redis) = RedisServer::start().await else { return };
    let front = tls_before(redis.port()).await;
    let setting = format!("cache.url=rediss://localhost:{}/0", front.port);
    let known = check(setting.clone(), Some(&front.certificate)).await;
    assert!(known.succeeded && known.text.contains("ok    cache: Redis answers"), "{}", known.text);
    let stranger = check(setting, None).await;
    assert!(!stranger.succeeded && stranger.text.contains("WRONG cache: "), "{}", stranger.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn rabbitmq_behind_tls_is_believed_by_its_certificate_only() {
    if TcpStream::connect(("127.0.0.1", 5672)).await.is_err() {
        assert!(!required(), "no RabbitMQ on 127.0.0.1:5672");
        eprintln!("skipped: no RabbitMQ on 127.0.0.1:5672");
        return;
    }
    let front = tls_before(5672).await;
    let setting = format!("jobs.broker=amqps://guest:guest@localhost:{}/%2f", front.port);
    let known = check(setting.clone(), Some(&front.certificate)).await;
    assert!(known.succeeded && known.text.contains("ok    jobs: RabbitMQ answers"), "{}", known.text);
    let stranger = check(setting, None).await;
    assert!(!stranger.succeeded && stranger.text.contains("WRONG jobs: "), "{}", stranger.text);
}
