"""A certificate authority for loopback, and what both sides trust.

A chain of three as AWS's endpoints show it: root, intermediate, host. The keys are P-256, so that
signing in the fake AWS takes a small part of a handshake.

Both sides trust the same file: the roots that botocore ships, and ours after them. A file with our
root alone would hide what it costs to read a real one.
"""

import datetime
import ipaddress
import ssl
from pathlib import Path

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID = datetime.timedelta(days=1)


class Signer:
    """A certificate that signs others, with its key."""

    def __init__(self, name: str, by: "Signer | None" = None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = by or self
        builder = _certificate(self.name, self.key.public_key(), signer)
        self.certificate = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        ).sign(signer.key, hashes.SHA256())

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(name: x509.Name, key, signer: Signer) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(signer.name)
    builder = builder.public_key(key).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - VALID).not_valid_after(now + VALID)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
    builder = builder.add_extension(authority, critical=False)
    subject = x509.SubjectKeyIdentifier.from_public_key(key)
    return builder.add_extension(subject, critical=False)


def make(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server on loopback shows, and the file of roots that its clients trust."""
    root = Signer("benchmark root")
    middle = Signer("benchmark intermediate", by=root)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    hosts = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = _certificate(name, key.public_key(), middle)
    builder = builder.add_extension(x509.SubjectAlternativeName(hosts), critical=False)
    leaf = builder.sign(middle.key, hashes.SHA256())

    shown = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown.write_bytes(private + leaf.public_bytes(serialization.Encoding.PEM) + middle.pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown)
    context.set_alpn_protocols(["http/1.1"])

    trusted = folder / "roots.pem"
    shipped = Path(botocore.__file__).parent / "cacert.pem"
    trusted.write_bytes(shipped.read_bytes() + b"\n" + root.pem())
    return context, trusted
