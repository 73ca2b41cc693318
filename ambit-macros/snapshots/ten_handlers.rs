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
#[allow(clippy::missing_const_for_fn)]
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
#[allow(deprecated)]
impl ::ambit::written::Sent<Bank, 2122009498> for Result<u64, Refused> {}
#[allow(deprecated)]
impl ::ambit::written::SentState<3415038778> for Bank {}
#[allow(deprecated)]
impl ::ambit::written::Sent<Bank, 2088250395> for Month {}
/// The calls `Bank` answers.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum BankCall {
    /// Sent by [`BankSubject::total`].
    Total {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u64>,
    },
    /// Sent by [`BankSubject::names`].
    Names {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Vec<String>>,
    },
    /// Sent by [`BankSubject::balance`].
    Balance {
        /// The argument `name`.
        name: String,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Option<u64>>,
    },
    /// Sent by [`BankSubject::open`].
    Open {
        /// The argument `name`.
        name: String,
        /// The argument `amount`.
        amount: u64,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<bool>,
    },
    /// Sent by [`BankSubject::withdraw`].
    Withdraw {
        /// The argument `name`.
        name: String,
        /// The argument `amount`.
        amount: u64,
        /// Receives the reply.
        reply: ::ambit::ReplyTo<Result<u64, Refused>>,
    },
    /// Sent by [`BankSubject::audit`].
    Audit {
        /// Receives the reply.
        reply: ::ambit::ReplyTo<u32>,
    },
}
::ambit::written::show_messages! {
    [< >] BankCall, [] { [] Self::Total { .. } => Call "Total"[] [] Self::Names { .. } =>
    Call "Names"[] [] Self::Balance { ref name, .. } => Call "Balance"["name" name] []
    Self::Open { ref name, ref amount, .. } => Call "Open"["name" name "amount" amount]
    [] Self::Withdraw { ref name, ref amount, .. } => Call "Withdraw"["name" name
    "amount" amount] [] Self::Audit { .. } => Call "Audit"[] } []
}
/// The casts `Bank` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum BankCast {
    /// Sent by [`BankSubject::deposit`].
    Deposit {
        /// The argument `name`.
        name: String,
        /// The argument `amount`.
        amount: u64,
    },
    /// Sent by [`BankSubject::close`].
    Close {
        /// The argument `name`.
        name: String,
    },
    /// Sent by [`BankSubject::clear`].
    Clear,
}
::ambit::written::show_messages! {
    [< >] BankCast, [] { [] Self::Deposit { ref name, ref amount, } => Cast
    "Deposit"["name" name "amount" amount] [] Self::Close { ref name, } => Cast
    "Close"["name" name] [] Self::Clear => Cast "Clear"[] } []
}
::ambit::written::clone_messages! {
    [< >] BankCast, [where for < '__used > String : ::ambit::__private::Clone, for <
    '__used > u64 : ::ambit::__private::Clone,] { [] Deposit { name amount } [] Close {
    name } [] Clear } []
}
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::Protocol for Bank
where
    for<'__used> Result<u64, Refused>: ::ambit::written::Sent<Bank, 2122009498>,
{
    type Call = BankCall;
    type Cast = BankCast;
    type Subject = BankSubject;
    const NAME: &'static ::ambit::__private::core::primitive::str = "Bank";
}
/// The handle of a running `Bank`.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct BankSubject(::ambit::Subject<Bank>);
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
#[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
impl BankSubject
where
    for<'__used> Bank: ::ambit::Protocol<
        Call = BankCall,
        Cast = BankCast,
        Subject = BankSubject,
    >,
    for<'__used> Result<u64, Refused>: ::ambit::written::Sent<Bank, 2122009498>,
{
    /// All that is there.
    pub fn total(&self) -> ::ambit::Call<'_, Bank, u64> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, BankCall::Total { reply: __reply }, __asked)
    }
    /// Who has an account.
    pub fn names(&self) -> ::ambit::Call<'_, Bank, Vec<String>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, BankCall::Names { reply: __reply }, __asked)
    }
    /// What an account holds.
    pub fn balance(&self, name: String) -> ::ambit::Call<'_, Bank, Option<u64>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            BankCall::Balance {
                name,
                reply: __reply,
            },
            __asked,
        )
    }
    /// Opens an account, if there is none of that name.
    pub fn open(&self, name: String, amount: u64) -> ::ambit::Call<'_, Bank, bool> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            BankCall::Open {
                name,
                amount,
                reply: __reply,
            },
            __asked,
        )
    }
    /// Pays out, and says what is left.
    pub fn withdraw(
        &self,
        name: String,
        amount: u64,
    ) -> ::ambit::Call<'_, Bank, Result<u64, Refused>> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(
            &self.0,
            BankCall::Withdraw {
                name,
                amount,
                reply: __reply,
            },
            __asked,
        )
    }
    /// Waits for the auditor, and says how many months there were.
    pub fn audit(&self) -> ::ambit::Call<'_, Bank, u32> {
        let (__reply, __asked) = ::ambit::__private::question();
        ::ambit::__private::ask(&self.0, BankCall::Audit { reply: __reply }, __asked)
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
    ::ambit::written::handle_functions! {
        [[] send[] reserve[] named[] with_timeout[] when_available] [pub] Bank, BankCast
    }
    /// Narrows the handle to one type of info.
    pub fn recipient<__T>(&self) -> ::ambit::Recipient<__T>
    where
        __T: ::ambit::InfoOf<Bank> + ::ambit::__private::Payload,
    {
        ::ambit::Subject::recipient(&self.0)
    }
    /// Refers to the process that the registry holds under the key when a message is sent.
    pub fn via<__T: ::ambit::Resolve<Bank>>(
        __registry: &__T,
        __key: impl ::ambit::__private::Into<__T::Key>,
    ) -> Self {
        ::ambit::Subject::<Bank>::via(__registry, __key)
    }
}
::ambit::written::handle! {
    [] BankSubject, [where] [] __T : ::ambit::Subject < Bank > => ::ambit::Process;
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Message for BankSubject
where
    for<'__used> BankSubject: ::ambit::__private::Payload,
{}
::ambit::written::handle_encoding! {
    [< >] BankSubject, [where] __T : Bank;
}
/// The infos `Bank` handles.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::enum_variant_names, clippy::exhaustive_enums)]
pub enum BankInfo {
    /// Runs `Bank::on_month`.
    OnMonth(Month),
}
::ambit::written::show_messages! {
    [< >] BankInfo, [] { [] Self::OnMonth(ref __info) => Info "OnMonth"["" __info] } []
}
#[automatically_derived]
#[allow(deprecated)]
impl ::ambit::Handles<Month> for Bank {
    fn into_info(__message: Month) -> <Self as ::ambit::GenServer>::Info {
        BankInfo::OnMonth(__message)
    }
}
/// The arguments of `Bank::start`, which move to the server.
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
pub struct BankArgs {
    limit: u64,
}
::ambit::written::show_args! {
    [< >] BankArgs, [] "BankArgs"
}
#[allow(dead_code, deprecated, private_bounds, private_interfaces)]
#[allow(nonstandard_style, clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::used_underscore_binding)]
impl Bank {
    /// No account holds more than `limit`.
    pub fn start(limit: u64) -> ::ambit::Start<Self> {
        ::ambit::__private::start(BankArgs { limit })
    }
    /// Returns a child specification for a supervisor; each start clones these arguments.
    pub fn child_spec(limit: u64) -> ::ambit::ChildSpec<Self>
    where
        for<'__used> u64: ::ambit::__private::RestartArgs,
    {
        ::ambit::__private::child_spec_of(
            (limit,),
            |(limit,)| ::ambit::__private::start(BankArgs { limit }),
        )
    }
}
#[allow(deprecated, unreachable_code, unreachable_patterns)]
#[automatically_derived]
#[allow(deprecated, nonstandard_style, clippy::used_underscore_binding)]
impl ::ambit::GenServer for Bank
where
    for<'__used> Bank: ::ambit::written::SentState<3415038778>,
{
    type Protocol = Self;
    type Info = BankInfo;
    type Continue = ::ambit::__private::core::convert::Infallible;
    type Args = BankArgs;
    fn init(
        __args: BankArgs,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::__private::Initial<Self>,
    > + ::ambit::__private::Send {
        ::ambit::__private::lazy(move || {
            let BankArgs { limit: arg_limit } = __args;
            ::ambit::__private::IntoInit::<Self>::into_init(Self::new(arg_limit))
        })
    }
    fn handle_now(
        &mut self,
        __message: ::ambit::Incoming<Self>,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> ::ambit::__private::HandledNow<Self> {
        ::ambit::__private::Ok(
            match __message {
                ::ambit::Incoming::Call(BankCall::Total { reply: __reply }) => {
                    ::ambit::__private::answer(Self::total(self), __reply, __ctx)
                }
                ::ambit::Incoming::Call(BankCall::Names { reply: __reply }) => {
                    ::ambit::__private::answer(Self::names(self), __reply, __ctx)
                }
                ::ambit::Incoming::Call(
                    BankCall::Balance { name: arg_name, reply: __reply },
                ) => {
                    ::ambit::__private::answer(
                        Self::balance(self, arg_name),
                        __reply,
                        __ctx,
                    )
                }
                ::ambit::Incoming::Call(
                    BankCall::Open { name: arg_name, amount: arg_amount, reply: __reply },
                ) => {
                    ::ambit::__private::answer(
                        Self::open(self, arg_name, arg_amount),
                        __reply,
                        __ctx,
                    )
                }
                ::ambit::Incoming::Call(
                    BankCall::Withdraw {
                        name: arg_name,
                        amount: arg_amount,
                        reply: __reply,
                    },
                ) => {
                    ::ambit::__private::answer(
                        Self::withdraw(self, arg_name, arg_amount),
                        __reply,
                        __ctx,
                    )
                }
                ::ambit::Incoming::Cast(
                    BankCast::Deposit { name: arg_name, amount: arg_amount },
                ) => ::ambit::__private::done(Self::deposit(self, arg_name, arg_amount)),
                ::ambit::Incoming::Cast(BankCast::Close { name: arg_name }) => {
                    ::ambit::__private::done(Self::close(self, arg_name))
                }
                ::ambit::Incoming::Cast(BankCast::Clear) => {
                    ::ambit::__private::done(Self::clear(self))
                }
                ::ambit::Incoming::Info(BankInfo::OnMonth(__info)) => {
                    ::ambit::__private::done(Self::on_month(self, __info))
                }
                __message => return ::ambit::__private::Err(__message),
            },
        )
    }
    fn handle_call(
        &mut self,
        __message: BankCall,
        __ctx: &mut ::ambit::Context<Self>,
    ) -> impl ::ambit::__private::Future<
        Output = ::ambit::Flow,
    > + ::ambit::__private::Send {
        let __ctx: &mut dyn ::ambit::__private::Held<Self> = __ctx;
        async move {
            match __message {
                BankCall::Audit { reply: __reply } => {
                    ::ambit::__private::answer(
                        Self::audit(self).await,
                        __reply,
                        ::ambit::__private::Held::context(__ctx),
                    )
                }
                __message => {
                    ::ambit::__private::handled_now(
                        self,
                        ::ambit::Incoming::Call(__message),
                        ::ambit::__private::Held::context(__ctx),
                    )
                }
            }
        }
    }
    fn method_of(
        __message: &::ambit::Incoming<Self>,
    ) -> &'static ::ambit::__private::core::primitive::str {
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
    fn arguments_of(__message: &::ambit::Incoming<Self>) -> ::ambit::__private::Text {
        ::ambit::__private::shown_as(__message)
    }
    const TERMINATES: ::ambit::__private::core::primitive::bool = false;
}
#[allow(deprecated)]
impl ::ambit::written::OneBlock<244657062307925333u64> for Bank {}
#[allow(unexpected_cfgs)]
const _: () = {
    #[cfg(rust_analyzer)]
    const _: () = {
        use ::ambit::init as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::call as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
        use ::ambit::cast as _;
        use ::ambit::info as _;
    };
};
