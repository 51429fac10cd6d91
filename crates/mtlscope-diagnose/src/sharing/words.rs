//! The words of an HTTP answer that may be told: a fixed list, each of which says something of certificates or names a product
//! whose ways a rule knows. Nothing else of an answer leaves.

/// What the rules look for (`rules/nginx_defers_to_http_400.rs`, `iis_403_codes.rs`, ...). The longest first: one that holds
/// another says both.
const WORDS: [&str; 15] = [
    "No required SSL certificate",
    "The SSL certificate error",
    "SSL certificate",
    "Post-Handshake Auth",
    "certificate",
    "Server: Microsoft-IIS",
    "Server: Microsoft-HTTPAPI",
    "Microsoft-Azure-Application-Gateway",
    "Server: cloudflare",
    "x-amz-apigw-id",
    "x-amzn-requestid",
    "403.13",
    "403.16",
    "403.17",
    "403.7",
];

/// Those of the words that stand in a status line, or in the head of what follows it, whatever their case.
pub fn words_of_certificates(line: &str, head: &str) -> String {
    let (line, head) = (line.to_ascii_lowercase(), head.to_ascii_lowercase());
    let mut told: Vec<&str> = Vec::new();
    for words in WORDS {
        let sought = words.to_ascii_lowercase();
        let is_told = told.iter().any(|told| told.to_ascii_lowercase().contains(&sought));
        if !is_told && (line.contains(&sought) || head.contains(&sought)) {
            told.push(words);
        }
    }
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_words_are_told() {
        let head =
            "Server: nginx\nSet-Cookie: session=secret\n\n<h1>400 No required SSL certificate was sent</h1>";
        assert_eq!(words_of_certificates("HTTP/1.1 400 Bad Request", head), "No required SSL certificate");
        assert_eq!(words_of_certificates("HTTP/1.1 403.7 Forbidden", "nothing"), "403.7");
        assert_eq!(words_of_certificates("HTTP/1.1 200 OK", "Cookie: a=b"), "");
    }
}
