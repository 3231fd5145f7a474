//! Names that Kubernetes takes.

/// Longest name of a resource here: Strimzi puts names into labels, which end at 63.
const LONGEST: usize = 63;

/// The name of a resource for an object of that name: the same where it is legal, else a legal one that no other name gets.
#[must_use]
pub fn object(name: &str) -> String {
    let lower: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | '0'..='9' | '.' | '-' => c,
            'A'..='Z' => c.to_ascii_lowercase(),
            _ => '-',
        })
        .collect();
    // Each part between dots starts and ends with a letter or digit.
    let parts: Vec<&str> =
        lower.split('.').map(|part| part.trim_matches('-')).filter(|part| !part.is_empty()).collect();
    let legal = parts.join(".");
    if legal == name && legal.len() <= LONGEST {
        return legal;
    }
    let mark = crate::plan::short_hash(name);
    let room = LONGEST - mark.len() - 1;
    let cut = legal.get(..room).unwrap_or(&legal).trim_end_matches(['.', '-']);
    if cut.is_empty() { format!("x-{mark}") } else { format!("{cut}-{mark}") }
}

/// A label's value: like a name, with no rule for parts.
#[must_use]
pub fn label(text: &str) -> String {
    object(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_names_stay() {
        assert_eq!(object("shop.shop.public.products"), "shop.shop.public.products");
        assert_eq!(object("shop-sink-product-v1"), "shop-sink-product-v1");
    }

    #[test]
    fn others_become_legal_and_stay_apart() {
        let hostile = [
            "__debezium-heartbeat.shop.shop",
            "shop.PUBLIC.Orders",
            "shop.public.orders_",
            "shop.public.orders-",
            "...",
            "größe",
            "a..b",
            "-",
            &"x".repeat(200),
            &"X".repeat(62),
            &format!("{}.{}", "a".repeat(55), "b".repeat(55)),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for name in hostile {
            let object = object(name);
            assert!(object.len() <= LONGEST, "{object}");
            for part in object.split('.') {
                assert!(!part.is_empty() && !part.starts_with('-') && !part.ends_with('-'), "{object}");
                assert!(part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{object}");
            }
            assert!(seen.insert(object.clone()), "{object} twice");
        }
        assert!(object("__debezium-heartbeat.shop.shop").starts_with("debezium-heartbeat.shop.shop-"));
    }
}
