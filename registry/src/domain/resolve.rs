//! From a version to the one artifact that is meant: what is asked for, what matches, and what would tell
//! several matches apart.

use super::label::Labels;

/// What is asked for. Empty fields match everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The build's platform, exactly.
    pub platform: String,
    /// The artifact's region, exactly.
    pub region: String,
    /// What the build builds, exactly.
    pub component_type: String,
    /// Labels that the build must have, among others.
    pub labels: Labels,
}

/// An artifact of a done build that has an id where it lives, with all that it can be asked for by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The version of its build.
    pub version_id: String,
    /// Its build.
    pub build_id: String,
    /// What that builds.
    pub component_type: String,
    /// The platform of the build.
    pub platform: String,
    /// The image that the build started from; may be empty.
    pub source_external_identifier: String,
    /// The labels of the build.
    pub labels: Labels,
    /// ULID of the artifact.
    pub artifact_id: String,
    /// Its id where it lives.
    pub external_identifier: String,
    /// Its region; may be empty.
    pub region: String,
}

impl Candidate {
    /// What it can be asked for by, and is told apart by: platform, region, component type.
    pub fn kind(&self) -> (&str, &str, &str) {
        (&self.platform, &self.region, &self.component_type)
    }
}

/// What of some candidates is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// This one; of several with the same id the first.
    One(Candidate),
    /// None.
    Miss,
    /// All of these, which have different ids.
    Several(Vec<Candidate>),
}

impl Wanted {
    /// Whether it asks for this.
    pub fn matches(&self, candidate: &Candidate) -> bool {
        let is = |wanted: &str, value: &str| wanted.is_empty() || wanted == value;
        is(&self.platform, &candidate.platform)
            && is(&self.region, &candidate.region)
            && is(&self.component_type, &candidate.component_type)
            && candidate.labels.contain(self.labels.pairs())
    }

    /// What of these is meant.
    pub fn pick(&self, candidates: &[Candidate]) -> Pick {
        let matches = candidates
            .iter()
            .filter(|candidate| self.matches(candidate));
        let matches: Vec<&Candidate> = matches.collect();
        let Some(first) = matches.first().copied() else {
            return Pick::Miss;
        };
        let id = &first.external_identifier;
        if matches.iter().all(|found| found.external_identifier == *id) {
            return Pick::One(first.clone());
        }
        Pick::Several(matches.into_iter().cloned().collect())
    }

    /// What it asks for, as the parameters say it; empty when it asks for anything.
    pub fn words(&self) -> String {
        let fields = [
            ("platform", &self.platform),
            ("region", &self.region),
            ("component_type", &self.component_type),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let fields = fields.map(|(name, value)| format!("{name}={value}"));
        let labels = self.labels.pairs().iter();
        let labels = labels.map(|(key, value)| format!("label.{key}={value}"));
        fields.chain(labels).collect::<Vec<_>>().join(" ")
    }
}

/// A parameter, and what of a candidate it asks for.
type Parameter = (&'static str, fn(&Candidate) -> &str);

/// The parameters in which these differ: one of them more would leave fewer.
pub fn differences(candidates: &[Candidate]) -> Vec<&'static str> {
    let parameters: [Parameter; 3] = [
        ("platform", |candidate| &candidate.platform),
        ("region", |candidate| &candidate.region),
        ("component_type", |candidate| &candidate.component_type),
    ];
    let differ = |of: fn(&Candidate) -> &str| {
        let mut values = candidates.iter().map(of);
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let differing = parameters.into_iter().filter(|(_, of)| differ(*of));
    differing.map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(place: &str, id: &str) -> Candidate {
        let mut parts = place.split(' ').map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        let (platform, region, component_type) = (part(), part(), part());
        let labels = [("os".to_owned(), "linux".to_owned())];
        Candidate {
            version_id: String::new(),
            build_id: String::new(),
            component_type,
            platform,
            source_external_identifier: String::new(),
            labels: Labels::parse("labels", labels.into()).unwrap(),
            artifact_id: String::new(),
            external_identifier: id.to_owned(),
            region,
        }
    }

    fn wanted(region: &str, label: &str) -> Wanted {
        let labels = [("os".to_owned(), label.to_owned())].into();
        Wanted {
            region: region.to_owned(),
            labels: Labels::parse("labels", labels).unwrap(),
            ..Wanted::default()
        }
    }

    #[test]
    fn what_is_asked_for_is_found_and_nothing_else() {
        let all = [candidate("aws eu a", "1"), candidate("aws us a", "2")];
        assert_eq!(wanted("us", "linux").pick(&all), Pick::One(all[1].clone()));
        assert_eq!(wanted("us", "bsd").pick(&all), Pick::Miss);
        assert_eq!(wanted("ap", "linux").pick(&all), Pick::Miss);
        assert_eq!(Wanted::default().pick(&all), Pick::Several(all.into()));
        assert_eq!(wanted("us", "linux").words(), "region=us label.os=linux");
    }

    #[test]
    fn several_with_the_same_id_are_one() {
        let all = [candidate("aws eu a", "1"), candidate("aws us b", "1")];
        assert_eq!(Wanted::default().pick(&all), Pick::One(all[0].clone()));
    }

    #[test]
    fn differences_name_the_parameters_that_tell_apart() {
        let one = candidate("aws eu a", "1");
        let place = candidate("aws us a", "2");
        let kind = candidate("gcp eu b", "3");
        assert_eq!(differences(&[one.clone(), place]), ["region"]);
        let both = ["platform", "component_type"];
        assert_eq!(differences(&[one.clone(), kind]), both);
        assert!(differences(&[one.clone(), one]).is_empty());
    }
}
