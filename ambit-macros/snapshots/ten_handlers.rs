use std::collections::BTreeMap;
use ambit::prelude::*;
/// Keeps accounts.
pub struct Bank {
    accounts: BTreeMap<String, u64>,
    limit: u64,
    months: u32,
}
/// Why nothing was paid out.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// Nobody has opened it.
    NoAccount,
    /// So much is missing.
    Missing(u64),
}
/// Comes once a month.
#[derive(Clone)]
pub struct Month;
impl Bank {
    /// No account holds more than `limit`.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn new(limit: u64) -> Self {
        Self {
            accounts: BTreeMap::new(),
            limit,
            months: 0,
        }
    }
    /// All that is there.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn total(&self) -> u64 {
        self.accounts.values().sum()
    }
    /// Who has an account.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn names(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }
    /// What an account holds.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn balance(&self, name: String) -> Option<u64> {
        self.accounts.get(&name).copied()
    }
    /// Opens an account, if there is none of that name.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn open(&mut self, name: String, amount: u64) -> bool {
        let new = !self.accounts.contains_key(&name);
        self.accounts.entry(name).or_insert(amount.min(self.limit));
        new
    }
    /// Pays out, and says what is left.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn withdraw(&mut self, name: String, amount: u64) -> Result<u64, Refused> {
        let account = self.accounts.get_mut(&name).ok_or(Refused::NoAccount)?;
        *account = account
            .checked_sub(amount)
            .ok_or(Refused::Missing(amount - *account))?;
        Ok(*account)
    }
    /// Waits for the auditor, and says how many months there were.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub async fn audit(&mut self) -> u32 {
        std::future::ready(self.months).await
    }
    /// Pays in.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn deposit(&mut self, name: String, amount: u64) {
        let account = self.accounts.entry(name).or_default();
        *account = self.limit.min(*account + amount);
    }
    /// Closes an account.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn close(&mut self, name: String) {
        self.accounts.remove(&name);
    }
    /// Closes all of them.
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    pub fn clear(&mut self) {
        self.accounts.clear();
    }
    #[allow(clippy::needless_pass_by_value, clippy::unused_self)]
    fn on_month(&mut self, _: Month) {
        self.months += 1;
    }
}
/// The calls `Bank` answers.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum BankCall {
    /// All that is there.
    Total { reply: ::ambit::ReplyTo<u64> },
    /// Who has an account.
    Names { reply: ::ambit::ReplyTo<Vec<String>> },
    /// What an account holds.
    Balance { name: String, reply: ::ambit::ReplyTo<Option<u64>> },
    /// Opens an account, if there is none of that name.
    Open { name: String, amount: u64, reply: ::ambit::ReplyTo<bool> },
    /// Pays out, and says what is left.
    Withdraw {
        name: String,
        amount: u64,
        reply: ::ambit::ReplyTo<Result<u64, Refused>>,
    },
    /// Waits for the auditor, and says how many months there were.
    Audit { reply: ::ambit::ReplyTo<u32> },
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankCall {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Total { .. } => {
                __formatter.debug_struct("Total").finish_non_exhaustive()
            }
            Self::Names { .. } => {
                __formatter.debug_struct("Names").finish_non_exhaustive()
            }
            Self::Balance { ref name, .. } => {
                __formatter
                    .debug_struct("Balance")
                    .field("name", (&::ambit::__private::Shown(name)).shown())
                    .finish_non_exhaustive()
            }
            Self::Open { ref name, ref amount, .. } => {
                __formatter
                    .debug_struct("Open")
                    .field("name", (&::ambit::__private::Shown(name)).shown())
                    .field("amount", (&::ambit::__private::Shown(amount)).shown())
                    .finish_non_exhaustive()
            }
            Self::Withdraw { ref name, ref amount, .. } => {
                __formatter
                    .debug_struct("Withdraw")
                    .field("name", (&::ambit::__private::Shown(name)).shown())
                    .field("amount", (&::ambit::__private::Shown(amount)).shown())
                    .finish_non_exhaustive()
            }
            Self::Audit { .. } => {
                __formatter.debug_struct("Audit").finish_non_exhaustive()
            }
        }
    }
}
/// The casts `Bank` takes.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum BankCast {
    /// Pays in.
    Deposit { name: String, amount: u64 },
    /// Closes an account.
    Close { name: String },
    /// Closes all of them.
    Clear,
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankCast {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::Deposit { ref name, ref amount } => {
                __formatter
                    .debug_struct("Deposit")
                    .field("name", (&::ambit::__private::Shown(name)).shown())
                    .field("amount", (&::ambit::__private::Shown(amount)).shown())
                    .finish()
            }
            Self::Close { ref name } => {
                __formatter
                    .debug_struct("Close")
                    .field("name", (&::ambit::__private::Shown(name)).shown())
                    .finish()
            }
            Self::Clear => __formatter.write_str("Clear"),
        }
    }
}
#[automatically_derived]
impl ::ambit::__private::core::clone::Clone for BankCast
where
    for<'__used> String: ::ambit::__private::core::clone::Clone,
    for<'__used> u64: ::ambit::__private::core::clone::Clone,
{
    fn clone(&self) -> Self {
        match *self {
            Self::Deposit { ref name, ref amount } => {
                Self::Deposit {
                    name: ::ambit::__private::core::clone::Clone::clone(name),
                    amount: ::ambit::__private::core::clone::Clone::clone(amount),
                }
            }
            Self::Close { ref name } => {
                Self::Close {
                    name: ::ambit::__private::core::clone::Clone::clone(name),
                }
            }
            Self::Clear => Self::Clear,
        }
    }
}
#[automatically_derived]
impl ::ambit::Protocol for Bank
where
    Bank: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Vec<String>: ::ambit::__private::Payload,
    String: ::ambit::__private::Payload,
    Option<u64>: ::ambit::__private::Payload,
    bool: ::ambit::__private::Payload,
    Result<u64, Refused>: ::ambit::__private::Payload,
    u32: ::ambit::__private::Payload,
    Month: ::ambit::__private::Payload,
{
    type Call = BankCall;
    type Cast = BankCast;
    type Subject = BankSubject;
    const NAME: &'static str = "Bank";
}
/// The handle of a running `Bank`.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub struct BankSubject(
    ::ambit::Subject<Bank>,
)
where
    for<'__used> Bank: ::ambit::Protocol;
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
impl BankSubject
where
    for<'__used> Bank: ::ambit::Protocol<
        Call = BankCall,
        Cast = BankCast,
        Subject = BankSubject,
    >,
    for<'__used> u64: ::ambit::__private::Payload,
    for<'__used> Vec<String>: ::ambit::__private::Payload,
    for<'__used> Option<u64>: ::ambit::__private::Payload,
    for<'__used> bool: ::ambit::__private::Payload,
    for<'__used> Result<u64, Refused>: ::ambit::__private::Payload,
    for<'__used> u32: ::ambit::__private::Payload,
{
    /// All that is there.
    pub fn total(&self) -> ::ambit::Call<'_, Bank, u64> {
        ::ambit::Subject::call(&self.0, |reply| BankCall::Total { reply })
    }
    /// Who has an account.
    pub fn names(&self) -> ::ambit::Call<'_, Bank, Vec<String>> {
        ::ambit::Subject::call(&self.0, |reply| BankCall::Names { reply })
    }
    /// What an account holds.
    pub fn balance(&self, name: String) -> ::ambit::Call<'_, Bank, Option<u64>> {
        ::ambit::Subject::call(&self.0, |reply| BankCall::Balance { name, reply })
    }
    /// Opens an account, if there is none of that name.
    pub fn open(&self, name: String, amount: u64) -> ::ambit::Call<'_, Bank, bool> {
        ::ambit::Subject::call(
            &self.0,
            |reply| BankCall::Open {
                name,
                amount,
                reply,
            },
        )
    }
    /// Pays out, and says what is left.
    pub fn withdraw(
        &self,
        name: String,
        amount: u64,
    ) -> ::ambit::Call<'_, Bank, Result<u64, Refused>> {
        ::ambit::Subject::call(
            &self.0,
            |reply| BankCall::Withdraw {
                name,
                amount,
                reply,
            },
        )
    }
    /// Waits for the auditor, and says how many months there were.
    pub fn audit(&self) -> ::ambit::Call<'_, Bank, u32> {
        ::ambit::Subject::call(&self.0, |reply| BankCall::Audit { reply })
    }
    /// Pays in.
    pub fn deposit(&self, name: String, amount: u64) -> ::ambit::Cast<'_, Bank> {
        ::ambit::Subject::send(&self.0, BankCast::Deposit { name, amount })
    }
    /// Closes an account.
    pub fn close(&self, name: String) -> ::ambit::Cast<'_, Bank> {
        ::ambit::Subject::send(&self.0, BankCast::Close { name })
    }
    /// Closes all of them.
    pub fn clear(&self) -> ::ambit::Cast<'_, Bank> {
        ::ambit::Subject::send(&self.0, BankCast::Clear)
    }
    /// Sends a cast that is at hand as a value.
    pub fn send(&self, cast: BankCast) -> ::ambit::Cast<'_, Bank> {
        ::ambit::Subject::send(&self.0, cast)
    }
    /// Waits for room in the mailbox, and keeps it for one message.
    pub fn reserve(&self) -> ::ambit::Reserve<'_, Bank> {
        ::ambit::Subject::reserve(&self.0)
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        for<'__used> Bank: ::ambit::GenServer,
        __T: ::ambit::InfoOf<Bank> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to whoever holds the name when a message is sent.
    pub fn named(name: &str) -> Self {
        ::ambit::Subject::<Bank>::named(name)
    }
    /// Refers to whoever the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Bank>>(
        registry: &__T,
        key: impl ::ambit::__private::core::convert::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Bank>::via(registry, key)
    }
    /// Gives a handle whose calls and casts wait as long as this.
    pub fn with_timeout(
        &self,
        timeout: ::ambit::__private::core::time::Duration,
    ) -> Self {
        ::ambit::Subject::with_timeout(&self.0, timeout)
    }
    /// Gives a handle whose calls and casts wait, inside their deadline, for a holder of
    /// its name, instead of failing with `NoProcess`.
    pub fn patiently(&self) -> Self {
        ::ambit::Subject::patiently(&self.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::clone::Clone for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn clone(&self) -> Self {
        Self(::ambit::__private::core::clone::Clone::clone(&self.0))
    }
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        ::ambit::__private::core::fmt::Debug::fmt(&self.0, formatter)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::cmp::PartialEq for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn eq(&self, other: &Self) -> bool {
        ::ambit::__private::core::cmp::PartialEq::eq(&self.0, &other.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::cmp::Eq for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{}
#[automatically_derived]
impl ::ambit::__private::core::hash::Hash for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn hash<__T: ::ambit::__private::core::hash::Hasher>(&self, state: &mut __T) {
        ::ambit::__private::core::hash::Hash::hash(&self.0, state);
    }
}
#[automatically_derived]
impl ::ambit::__private::core::ops::Deref for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    type Target = ::ambit::Process;
    fn deref(&self) -> &Self::Target {
        ::ambit::__private::core::ops::Deref::deref(&self.0)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::AsRef<::ambit::Subject<Bank>> for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn as_ref(&self) -> &::ambit::Subject<Bank> {
        &self.0
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::From<::ambit::Subject<Bank>> for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn from(subject: ::ambit::Subject<Bank>) -> Self {
        Self(subject)
    }
}
#[automatically_derived]
impl ::ambit::__private::core::convert::From<BankSubject> for ::ambit::Subject<Bank>
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn from(handle: BankSubject) -> Self {
        handle.0
    }
}
#[automatically_derived]
impl ::ambit::Target for BankSubject
where
    for<'__used> Bank: ::ambit::Protocol,
{
    fn __resolve(&self) -> ::ambit::__private::Resolved {
        ::ambit::__private::resolve_target(&self.0)
    }
}
/// The infos `Bank` handles.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum BankInfo {
    /// Runs `Bank::on_month`.
    OnMonth(Month),
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankInfo {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        use ::ambit::__private::{ShowDebug as _, ShowNothing as _};
        match *self {
            Self::OnMonth(ref __info) => {
                __formatter
                    .debug_tuple("OnMonth")
                    .field((&::ambit::__private::Shown(__info)).shown())
                    .finish()
            }
        }
    }
}
/// What `Bank` can continue with.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
#[allow(clippy::enum_variant_names)]
pub enum BankContinue {}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankContinue {
    fn fmt(
        &self,
        __formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        match *self {}
    }
}
#[automatically_derived]
impl ::ambit::Handles<Month> for Bank
where
    for<'__used> Bank: ::ambit::GenServer<Info = BankInfo>,
{
    fn into_info(message: Month) -> Self::Info {
        BankInfo::OnMonth(message)
    }
}
/// The arguments of `Bank::start`, on their way to the server.
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
pub struct BankArgs {
    limit: u64,
}
#[automatically_derived]
impl ::ambit::__private::core::fmt::Debug for BankArgs {
    fn fmt(
        &self,
        formatter: &mut ::ambit::__private::core::fmt::Formatter<'_>,
    ) -> ::ambit::__private::core::fmt::Result {
        formatter.debug_struct("BankArgs").finish_non_exhaustive()
    }
}
#[allow(dead_code, deprecated, missing_docs, private_bounds, private_interfaces)]
#[allow(nonstandard_style)]
impl Bank {
    /// No account holds more than `limit`.
    pub fn start(limit: u64) -> ::ambit::Start<Self>
    where
        for<'__used> Self: ::ambit::GenServer<Args = BankArgs>,
    {
        ::ambit::__private::start(BankArgs { limit })
    }
    /// Says how to start it under a supervisor: with these arguments, cloned for each start.
    pub fn child_spec(limit: u64) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u64: ::ambit::__private::RestartArgs,
        for<'__used> Self: ::ambit::GenServer<Args = BankArgs>,
    {
        ::ambit::__private::child_spec_of(
            (limit,),
            |(limit,)| ::ambit::__private::start(BankArgs { limit }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
impl ::ambit::GenServer for Bank
where
    Bank: ::ambit::__private::State,
    u64: ::ambit::__private::Payload,
    Vec<String>: ::ambit::__private::Payload,
    String: ::ambit::__private::Payload,
    Option<u64>: ::ambit::__private::Payload,
    bool: ::ambit::__private::Payload,
    Result<u64, Refused>: ::ambit::__private::Payload,
    u32: ::ambit::__private::Payload,
    Month: ::ambit::__private::Payload,
{
    type Protocol = Self;
    type Info = BankInfo;
    type Continue = BankContinue;
    type Args = BankArgs;
    async fn init(
        __args: Self::Args,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<Self, ::ambit::ExitReason> {
        let BankArgs { limit } = __args;
        ::ambit::__private::IntoInit::<Self>::into_init(Self::new(limit))
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::core::result::Result<
        ::ambit::Flow,
        ::ambit::Incoming<Self>,
    > {
        let __flow = match __message {
            ::ambit::Incoming::Call(BankCall::Total { reply }) => {
                let __value = Self::total(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(BankCall::Names { reply }) => {
                let __value = Self::names(self);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(BankCall::Balance { name, reply }) => {
                let __value = Self::balance(self, name);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(BankCall::Open { name, amount, reply }) => {
                let __value = Self::open(self, name, amount);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Call(BankCall::Withdraw { name, amount, reply }) => {
                let __value = Self::withdraw(self, name, amount);
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(BankCast::Deposit { name, amount }) => {
                Self::deposit(self, name, amount);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(BankCast::Close { name }) => {
                Self::close(self, name);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Cast(BankCast::Clear) => {
                Self::clear(self);
                ::ambit::Flow::Continue
            }
            ::ambit::Incoming::Info(BankInfo::OnMonth(__info)) => {
                Self::on_month(self, __info);
                ::ambit::Flow::Continue
            }
            __message => return ::ambit::__private::core::result::Result::Err(__message),
        };
        ::ambit::__private::core::result::Result::Ok(__flow)
    }
    async fn handle_call(
        &mut self,
        __message: BankCall,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::Flow {
        match __message {
            BankCall::Audit { reply } => {
                let __value = Self::audit(self).await;
                ::ambit::__private::answer(__ctx, reply, __value);
                ::ambit::Flow::Continue
            }
            __message => {
                let __message = ::ambit::Incoming::Call(__message);
                match <Self as ::ambit::GenServer>::handle_now(self, __message, __ctx) {
                    ::ambit::__private::core::result::Result::Ok(__flow) => __flow,
                    ::ambit::__private::core::result::Result::Err(_) => {
                        ::ambit::Flow::Continue
                    }
                }
            }
        }
    }
    fn method_of(__message: &::ambit::Incoming<Self>) -> &'static str {
        match __message {
            ::ambit::Incoming::Call(BankCall::Total { .. }) => "total",
            ::ambit::Incoming::Call(BankCall::Names { .. }) => "names",
            ::ambit::Incoming::Call(BankCall::Balance { .. }) => "balance",
            ::ambit::Incoming::Call(BankCall::Open { .. }) => "open",
            ::ambit::Incoming::Call(BankCall::Withdraw { .. }) => "withdraw",
            ::ambit::Incoming::Call(BankCall::Audit { .. }) => "audit",
            ::ambit::Incoming::Cast(BankCast::Deposit { .. }) => "deposit",
            ::ambit::Incoming::Cast(BankCast::Close { .. }) => "close",
            ::ambit::Incoming::Cast(BankCast::Clear) => "clear",
            ::ambit::Incoming::Info(BankInfo::OnMonth(..)) => "on_month",
            _ => "",
        }
    }
    fn arguments_of(
        __message: &::ambit::Incoming<Self>,
    ) -> ::ambit::__private::std::option::Option<
        ::ambit::__private::std::string::String,
    > {
        let __message: &dyn ::ambit::__private::std::fmt::Debug = match __message {
            ::ambit::Incoming::Call(__message) => __message,
            ::ambit::Incoming::Cast(__message) => __message,
            ::ambit::Incoming::Info(__message) => __message,
            ::ambit::Incoming::Continue(__message) => __message,
        };
        ::ambit::__private::std::option::Option::Some(
            ::ambit::__private::std::format!("{__message:?}"),
        )
    }
    const TERMINATES: bool = false;
}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    use ::ambit::init as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::call as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::cast as _;
    #[cfg(rust_analyzer)]
    use ::ambit::info as _;
};
