//! The recipes for what Debian has no program of: they are YAML, and their names, ports and paths are those of the
//! program and of each other. The page is read as well.

use std::process::Command;

use scraper::{Html, Selector};
use serde_json::Value;

use super::proxy::deploy;

/// The documents of a file of `deploy/`; none, and a line that says so, where nothing reads YAML.
fn documents(name: &str) -> Option<Vec<Value>> {
    const READ: &str =
        "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
    let python = |code: &str| Command::new("/usr/bin/python3").args(["-c", code]).arg(deploy(name)).output();
    if !python("import yaml").is_ok_and(|output| output.status.success()) {
        println!("proxy tests skipped: python3-yaml not found");
        return None;
    }
    let read = python(READ).unwrap();
    assert!(read.status.success(), "{name}: {}", String::from_utf8_lossy(&read.stderr));
    Some(serde_json::from_slice(&read.stdout).unwrap())
}

fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Vec<&'a Value> {
    documents.iter().filter(|document| document["kind"] == kind).collect()
}

#[test]
fn traefik_asks_readyz_retries_and_falls_back_and_logs_no_path() {
    let Some(fixed) = documents("traefik.yaml") else { return };
    let names = &fixed[0]["accessLog"]["fields"];
    assert_eq!(
        (&names["names"]["RequestPath"], &names["headers"]["defaultMode"]),
        (&"drop".into(), &"drop".into())
    );
    let dynamic = &documents("traefik-dynamic.yaml").unwrap()[0]["http"];
    let router = &dynamic["routers"]["nrg-enroll"];
    assert!(fixed[0]["entryPoints"][router["entryPoints"][0].as_str().unwrap()].is_object());
    assert!(fixed[0]["certificatesResolvers"][router["tls"]["certResolver"].as_str().unwrap()].is_object());
    assert!(dynamic["middlewares"][router["middlewares"][0].as_str().unwrap()]["retry"].is_object());
    let failover = &dynamic["services"][router["service"].as_str().unwrap()]["failover"];
    let servers = &dynamic["services"][failover["service"].as_str().unwrap()]["loadBalancer"];
    assert_eq!(servers["servers"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&servers["healthCheck"]["path"], &servers["healthCheck"]["port"]),
        (&"/readyz".into(), &9090.into())
    );
    assert!(dynamic["services"][failover["fallback"].as_str().unwrap()]["loadBalancer"].is_object());
}

#[test]
fn ingress_leads_to_service_of_kubernetes_and_its_page_to_its_own() {
    let (Some(ingress), Some(kubernetes)) = (documents("ingress.yaml"), documents("kubernetes.yaml")) else {
        return;
    };
    let rule = of_kind(&ingress, "Ingress")[0];
    let backend = &rule["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
    let service = of_kind(&kubernetes, "Service")[0];
    assert_eq!(backend["name"], service["metadata"]["name"]);
    assert_eq!(backend["port"]["name"], service["spec"]["ports"][0]["name"]);
    assert_eq!(rule["spec"]["tls"][0]["hosts"][0], rule["spec"]["rules"][0]["host"]);

    let away = of_kind(&ingress, "Service")[0];
    let page = &rule["metadata"]["annotations"]["nginx.ingress.kubernetes.io/default-backend"];
    assert_eq!(page, &away["metadata"]["name"]);
    let pods = &of_kind(&ingress, "Deployment")[0]["spec"]["template"];
    assert_eq!(pods["metadata"]["labels"], away["spec"]["selector"]);
    let port = &pods["spec"]["containers"][0]["ports"][0];
    assert_eq!(port["name"], away["spec"]["ports"][0]["targetPort"]);
    let arguments = pods["spec"]["containers"][0]["args"][0].as_str().unwrap();
    assert!(arguments.contains(&format!("--listen :{} --status 503", port["containerPort"])), "{arguments}");
}

#[test]
fn kubernetes_lets_monitoring_alone_reach_the_admin_listener() {
    let Some(kubernetes) = documents("kubernetes.yaml") else { return };
    let deployment = &of_kind(&kubernetes, "Deployment")[0]["spec"]["template"];
    let policy = &of_kind(&kubernetes, "NetworkPolicy")[0]["spec"];
    assert_eq!(policy["podSelector"]["matchLabels"], deployment["metadata"]["labels"]);
    let rules = policy["ingress"].as_array().unwrap();
    for rule in rules {
        let is_private = rule["ports"].as_array().unwrap().iter().any(|port| port["port"] == "private");
        let from = &rule["from"][0]["namespaceSelector"]["matchLabels"];
        assert_eq!(is_private, from.is_object(), "{rule}");
    }
    let ports = deployment["spec"]["containers"][0]["ports"].as_array().unwrap();
    assert_eq!((&ports[1]["name"], &ports[1]["containerPort"]), (&"private".into(), &9090.into()));
    let spread = deployment["spec"]["topologySpreadConstraints"].as_array().unwrap();
    assert!(
        spread.iter().all(|rule| rule["labelSelector"]["matchLabels"] == deployment["metadata"]["labels"])
    );
    assert_eq!(spread.len(), 2);
}

#[test]
fn compose_bounds_every_log_and_asks_postgresql_by_address() {
    let Some(compose) = documents("../compose.yaml") else { return };
    let services = compose[0]["services"].as_object().unwrap();
    for (name, service) in services {
        assert!(service["logging"]["options"]["max-size"].is_string(), "{name}");
    }
    let check = &services["database"]["healthcheck"];
    assert_eq!(check["test"], serde_json::json!(["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "enroll"]));
    assert!(check["start_period"].is_string());
    let mounted: Vec<_> =
        services["proxy"]["volumes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(mounted.contains(&"./deploy/away.html:/etc/caddy/away.html:ro"), "{mounted:?}");
}

#[test]
fn page_of_absence_is_small_self_contained_and_bilingual() {
    let text = std::fs::read_to_string(deploy("away.html")).unwrap();
    // HAProxy keeps it in a buffer of 16 kB.
    assert!(text.len() < 8_000, "{}", text.len());
    let page = Html::parse_document(&text);
    let all = |selector: &str| page.select(&Selector::parse(selector).unwrap()).collect::<Vec<_>>();
    assert!(all("script, link, img, iframe, form, [src], [onclick]").is_empty());
    assert!(!text.contains("url(") && !text.contains("@import"));
    assert!(all("a").iter().all(|link| link.attr("href") == Some("")), "it leads to the same address only");
    assert_eq!((all("html[lang=en]").len(), all("main").len(), all("h1").len()), (1, 1, 1));
    let spanish = all("section[lang=es]");
    assert!(spanish[0].text().any(|words| words.contains("Volvemos")));
    assert!(!text.contains("tel:+1 ") && all("a[href^=tel]").is_empty(), "no number but the operator's");
}
