//! Child factories without the child's type: they start a child repeatedly.

use std::future::poll_fn;
use std::sync::Arc;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildKind;
use crate::panics;
use crate::process::header::ProcessRef;
use crate::process::retained_mailbox::AnyRetainedMailbox;
use crate::rt::BoxFuture;
use crate::server::start::Start;
use crate::server::startable::{Made, Startable};
use crate::supervisor::core::Rules;
use crate::supervisor::policy::{Restart, Shutdown};
use crate::supervisor::spec::{Child, ChildSpec};

/// A start in progress.
pub(crate) type Launching = BoxFuture<'static, Result<ProcessRef, StartError>>;

/// The factory of a child.
pub(crate) trait ChildFactory: Send {
    /// Returns the rules, as far as they are known before the first start.
    ///
    /// # Errors
    /// If the spec is invalid.
    fn rules(&self) -> Result<Rules, String>;

    /// Begins one start; `label` names the process in listings. The returned rules apply from now on.
    ///
    /// # Errors
    /// If there is nothing to start.
    fn start(
        &mut self,
        label: Option<Arc<str>>,
        made: Made,
    ) -> Result<(Rules, Launching), StartError>;

    /// Gives up the messages that the child has left: they become dead letters.
    fn dead_letter(&self);

    /// Releases the factory of a running child that is never restarted.
    fn let_go(&mut self);
}

/// Runs user code that builds a start.
pub(crate) fn caught<T>(make: impl FnOnce() -> T) -> Result<T, StartError> {
    panics::catch(make).map_err(|report| StartError::Init(ExitReason::Panic(report)))
}

pub(crate) fn launching<C: Startable>(mut start: Start<C>) -> Launching {
    Box::pin(async move {
        let started = poll_fn(|cx| start.poll_started(cx)).await;
        started.map(|started| started.process)
    })
}

impl<C: Startable> ChildFactory for ChildSpec<C> {
    fn rules(&self) -> Result<Rules, String> {
        let rules = self.own_rules();
        if self.is_once() && rules.restart != Restart::Temporary {
            return Err(format!(
                "child `{}` can be started only once and so only be `Temporary`: use `ChildSpec::from_fn`, \
                 or return it from a `#[child]` method",
                rules.id
            ));
        }
        self.check().map(|()| rules)
    }

    fn start(
        &mut self,
        label: Option<Arc<str>>,
        made: Made,
    ) -> Result<(Rules, Launching), StartError> {
        let start = caught(|| self.next_start())??;
        let start = start.supervised(label, made);
        let start = match self.kept() {
            Some(kept) => start.keeping(kept.clone().as_any()),
            None => start,
        };
        Ok((self.own_rules(), launching(start)))
    }

    fn dead_letter(&self) {
        if let Some(kept) = self.kept() {
            kept.dead_letter();
        }
    }

    fn let_go(&mut self) {
        self.forget_start();
    }
}

/// The options in the attribute of a `#[child]` method.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct ChildOptions {
    pub restart: Option<Restart>,
    pub shutdown: Option<Shutdown>,
    pub significant: Option<bool>,
}

/// A `#[child]` method, which is called for each start.
pub(crate) struct MethodFactory<R> {
    pub(crate) id: &'static str,
    pub(crate) options: ChildOptions,
    pub(crate) make: Box<dyn Fn() -> R + Send>,
    /// The rules of the first call.
    pub(crate) rules: Option<Rules>,
    pub(crate) kept: Option<Arc<dyn AnyRetainedMailbox>>,
}

impl<R: Child> ChildFactory for MethodFactory<R> {
    fn rules(&self) -> Result<Rules, String> {
        let unknown = Rules {
            id: self.id.into(),
            restart: self.options.restart.unwrap_or_default(),
            shutdown: self.options.shutdown.unwrap_or(Shutdown::Infinity),
            significant: self.options.significant.unwrap_or_default(),
            backoff: None,
            kind: ChildKind::Worker,
        };
        Ok(self.rules.clone().unwrap_or(unknown))
    }

    fn start(
        &mut self,
        label: Option<Arc<str>>,
        made: Made,
    ) -> Result<(Rules, Launching), StartError> {
        let returned = caught(|| (self.make)().__into_spec())?;
        let mut spec = returned.map_err(|reason| {
            if reason.is_ignore() {
                StartError::Ignored
            } else {
                StartError::Init(reason)
            }
        })?;
        let rules = self.rules.get_or_insert_with(|| {
            let of_spec = spec.own_rules();
            Rules {
                id: self.id.into(),
                restart: self.options.restart.unwrap_or(of_spec.restart),
                shutdown: self.options.shutdown.unwrap_or(of_spec.shutdown),
                significant: self.options.significant.unwrap_or(of_spec.significant),
                ..of_spec
            }
        });
        if let Some(kept) = spec.kept().cloned() {
            spec.keep_in(self.kept.get_or_insert(kept).clone());
        }
        let checked = spec.check().map_err(StartError::BadSpec);
        let started = checked.and_then(|()| spec.start(label, made));
        panics::drop_quietly(spec);
        started.map(|(_, launching)| (rules.clone(), launching))
    }

    fn dead_letter(&self) {
        if let Some(kept) = &self.kept {
            kept.dead_letter();
        }
    }

    /// Its arguments belong to the whole supervisor, which stays.
    fn let_go(&mut self) {}
}
