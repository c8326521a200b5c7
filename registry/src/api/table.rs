//! Resources that are counted and that answer an unknown method in JSON.

use actix_web::{
    HttpRequest, Resource,
    dev::{Service as _, ServiceFactory, ServiceRequest, ServiceResponse},
    web,
};

use super::measure::Measure;
use crate::{error::Error, telemetry::metrics::Metrics};

/// Makes resources; clones of its counters live in each.
pub(crate) struct Table<'a> {
    metrics: &'a Metrics,
    prefix: String,
}

impl<'a> Table<'a> {
    pub(crate) fn new(metrics: &'a Metrics) -> Self {
        Self {
            metrics,
            prefix: String::new(),
        }
    }

    /// The table of a scope: what is counted there begins with `path`.
    pub(crate) fn below(&self, path: &str) -> Self {
        Self {
            metrics: self.metrics,
            prefix: format!("{}{path}", self.prefix),
        }
    }

    /// The resource at this path of the scope.
    pub(crate) fn at(&self, path: &str) -> Resource<impl Factory + use<>> {
        let measure = Measure::new(self.metrics, &format!("{}{path}", self.prefix));
        web::resource(path)
            .default_service(web::to(unknown_method))
            .wrap_fn(move |request, service| {
                let begun = measure.begin(request.method());
                let answer = service.call(request);
                async move {
                    let answer = answer.await;
                    begun.end(&answer);
                    answer
                }
            })
    }
}

/// What a measured resource is made of.
pub(crate) trait Factory:
    ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = actix_web::Error,
        InitError = (),
    >
{
}

impl<T> Factory for T where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse,
            Error = actix_web::Error,
            InitError = (),
        >
{
}

async fn unknown_method(request: HttpRequest) -> Result<&'static str, Error> {
    Err(Error::Method(format!(
        "{} {}",
        request.method(),
        request.path()
    )))
}
