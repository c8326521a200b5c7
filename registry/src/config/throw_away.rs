//! Settings of a registry that is thrown away when its server ends.

use super::{ConfigError, Database, MasterKeySource, Settings};
use crate::auth::secret::random_bytes;

impl Settings {
    /// These settings with a data folder of its own in the system's folder for temporary files, which is not
    /// made yet, and everything in there.
    ///
    /// # Errors
    /// [`ConfigError::Value`] when it was said where to keep things.
    pub fn throw_away(mut self) -> Result<Self, ConfigError> {
        for key in ["data_dir", "database", "master_key_file"] {
            if let Some(origin) = self.origins.get(key) {
                let problem = "cannot be set together with --demo, whose registry is made for it and thrown away";
                return Err(ConfigError::Value {
                    key,
                    origin: Some(origin.clone()),
                    problem: problem.to_owned(),
                });
            }
        }
        let salt = random_bytes::<8>()
            .map_err(|_| ConfigError::Conflict("the system gives no random numbers"))?;
        let name = format!("touchmark-demo-{:016x}", u64::from_be_bytes(salt));
        self.data_dir = std::env::temp_dir().join(name);
        self.database = Database::Sqlite(self.data_dir.join("touchmark.db"));
        if let MasterKeySource::File(path) = &mut self.master_key {
            *path = self.data_dir.join("master.key");
        }
        Ok(self)
    }
}
