package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// trust is one certificate for 127.0.0.1, by which the emulator and the world around the stack are
// served. The template refuses what is not encrypted (queues, addresses), so here nothing is
// spared.
type trust struct {
	certificate tls.Certificate
	roots       *x509.CertPool
	path        string // of the certificate
	keyPath     string
}

// makeTrust makes a certificate that is good for a day, and writes it and its key into dir.
func makeTrust(dir string) (trust, error) {
	t := trust{path: filepath.Join(dir, "roots.pem"), keyPath: filepath.Join(dir, "key.pem"), roots: x509.NewCertPool()}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return t, err
	}
	now := time.Now()
	shape := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "makegood rehearsal"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		return t, err
	}
	// Python reads the key from a file, and functions the certificate.
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw})
	t.roots.AppendCertsFromPEM(text)
	t.certificate = tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return t, err
	}
	if err := os.WriteFile(t.keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		return t, err
	}
	return t, os.WriteFile(t.path, text, 0o644)
}

// transport trusts that certificate alone, and takes no proxy.
func (t trust) transport() *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: t.roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 16}
}
