// SPDX-License-Identifier: Apache-2.0
// Copyright the FabDNS authors

import Testing

@testable import ServiceCatalog

@Suite("Base64, URLs, tokens and PEM of a kubeconfig")
struct ValueTests {
    @Test(
        "Base64 is padded and of the standard alphabet, white space apart",
        arguments: [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"), ("Zm9vYmFy", "foobar"), (" Zm\n9v\r\n\tYg = = \n", "foob"),
        ])
    func base64(_ text: String, _ octets: String) {
        #expect(Base64.decode(text.utf8) == Array(octets.utf8))
        #expect(Base64.encode(Array(octets.utf8)) == text.filter { !$0.isWhitespace })
    }

    @Test(
        "Other spellings of base64 are refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "Zm9v====", "====", "=", "Zg==Zg==",
            "Zh==", "Zm9=", "Zm9_", "Zm9-", "Zm9v!", "Zm\u{0}9v", "Zm9é",
        ])
    func base64Refused(_ text: String) { #expect(Base64.decode(text.utf8) == nil) }

    @Test("Every octet survives base64")
    func base64Octets() {
        for count in 0..<260 {
            let octets = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(Base64.decode(Base64.encode(octets).utf8) == octets)
        }
    }

    @Test(
        "The URL of a server loses the slashes at its end",
        arguments: [
            ("https://10.0.0.1:6443", "https://10.0.0.1:6443"),
            ("https://10.0.0.1:6443/", "https://10.0.0.1:6443"),
            ("HTTPS://api.example.org//", "https://api.example.org"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://rancher/k8s/clusters/c-1/", "https://rancher/k8s/clusters/c-1"),
            ("https://[fd77::1]:6443", "https://[fd77::1]:6443"),
            ("https://[fe80::1%25eth0]", "https://[fe80::1%25eth0]"),
            ("https://a:65535", "https://a:65535"),
        ])
    func servers(_ text: String, _ url: String) { #expect(ServerURL.server(text) == url) }

    @Test(
        "What is no URL of a server is refused",
        arguments: [
            "", "10.0.0.1:6443", "https:/10.0.0.1", "https://", "https:///path", "ftp://a", "://a",
            "https://a:0", "https://a:65536", "https://a:", "https://a:b", "https://a:+1",
            "https://a:1:2", "https://user:s3cr3t@a", "https://a?b", "https://a#b", "https://a b",
            "https://a/\u{0}", "https://a\r\nb", "https://é", "https://[fd77::1", "https://[]",
            "https://[10.0.0.1]", "https://[fd77::1]6443", "https://[fd77::1%eth0]",
            "https://[fd77::1%25]", "https://fd77::1", "https://a\\b", "https://a/{b}",
            "https://\(String(repeating: "a", count: 254))",
            "https://a/\(String(repeating: "a", count: 2048))",
        ])
    func serversRefused(_ text: String) { #expect(ServerURL.server(text) == nil) }

    @Test(
        "The URL of a proxy may have a name and a password, and no path",
        arguments: [
            ("http://proxy:3128", "http://proxy:3128"), ("https://proxy/", "https://proxy"),
            ("socks5://[fd77::1]:1080", "socks5://[fd77::1]:1080"),
            ("http://user:pass@proxy:3128", "http://user:pass@proxy:3128"),
            ("proxy:3128", nil), ("socks4://proxy", nil), ("socks5h://proxy", nil),
            ("http://proxy/path", nil), ("http://user@", nil), ("http://", nil),
            ("http://a\nb", nil),
        ])
    func proxies(_ text: String, _ url: String?) { #expect(ServerURL.proxy(text) == url) }

    @Test(
        "A Pod's server has brackets around an IPv6 address",
        arguments: [
            ("10.96.0.1", "443", "https://10.96.0.1:443"),
            ("fd77::1", "443", "https://[fd77::1]:443"),
            ("[fd77::1]", "443", "https://[fd77::1]:443"), ("10.96.0.1", "", nil),
            ("10.96.0.1", "https", nil), ("a/b", "443", nil),
        ])
    func inCluster(_ host: String, _ port: String, _ url: String?) {
        #expect(ServerURL.server(host: host, port: port) == url)
    }

    @Test(
        "A token is trimmed, and has no octet that a header may not have",
        arguments: [
            ("abc", "abc"), (" \n\tabc.DEF-_~+/=\r\n", "abc.DEF-_~+/="), ("", nil), (" \n", nil),
            ("a b", nil), ("a\nb", nil), ("a\rb", nil), ("a\u{0}", nil), ("a\u{7F}", nil),
            ("é", nil),
        ])
    func tokens(_ text: String, _ token: String?) {
        #expect(CredentialRule.token(text.utf8) == token)
    }

    @Test("A token has at most 64 KiB")
    func longToken() {
        let longest = [UInt8](repeating: 0x61, count: 64 << 10)
        #expect(CredentialRule.token(longest + [0x0A]) != nil)
        #expect(CredentialRule.token(longest + [0x61]) == nil)
    }

    @Test("A key with a passphrase is refused, as is what is no PEM")
    func pem() {
        func key(_ kind: String, _ more: String = "") -> [UInt8] {
            Array("-----BEGIN \(kind)-----\n\(more)AAAA\n-----END \(kind)-----\n".utf8)
        }
        for kind in ["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"] {
            #expect(PEMContent.key.accepts(key(kind)))
            #expect(!PEMContent.certificates.accepts(key(kind)))
        }
        #expect(!PEMContent.key.accepts(key("ENCRYPTED PRIVATE KEY")))
        #expect(!PEMContent.key.accepts(key("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n")))
        #expect(!PEMContent.key.accepts(key("PUBLIC KEY")))
        #expect(PEMContent.certificates.accepts(key("CERTIFICATE")))
        #expect(!PEMContent.certificates.accepts(key("CERTIFICATE REQUEST")))
        #expect(!PEMContent.certificates.accepts(Array("AAAA".utf8)))
        #expect(!PEMContent.certificates.accepts(key("CERTIFICATE") + [0]))
    }
}
