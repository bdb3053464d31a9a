//! The structure of the catalogs: one struct for each section, one key for each sentence. `en.toml` has the sentences.

use super::section_macro::sections;

sections! {
    /// The messages of one language.
    Messages {
        |
        common: CommonText,
        dates: DatesText,
        hours: HoursText,
        steps: StepsText,
        problem: ProblemText,
        link: LinkText,
        preview: PreviewText,
        zip: ZipText,
        plans: PlansText,
        plan: PlanText,
        address: AddressText,
        contact: ContactText,
        billing: BillingText,
        identity: IdentityText,
        quiz: QuizText,
        start_date: StartDateText,
        deposit: DepositText,
        review: ReviewText,
        ask: AskText,
        stop: StopText,
        advice: AdviceText,
        waiting: WaitingText,
        processing: ProcessingText,
        confirmation: ConfirmationText,
        pay: PayText,
        leave: LeaveText,
        handed_over: HandedOverText,
        session_ended: SessionEndedText,
        cookie_refused: CookieRefusedText,
        compare: CompareText,
        how: HowText,
        about: AboutText,
        help: HelpText,
        privacy: PrivacyText,
        accessibility: AccessibilityText,
        resume: ResumeText,
        outage: OutageText,
        status: StatusText,
        access: AccessText,
        link_builder: LinkBuilderText,
        error: ErrorText,
    }
    /// The words of one field: its label, and what to say when it is left blank.
    FieldMessages {
        label, missing,
    }
    /// The words of one kind of stop: what it is, why, and what the person can do.
    StopKindText {
        title, why, next,
    }
    /// The chrome and what every page shares.
    CommonText {
        error_prefix, error_summary, skip, step, back, go_on, change, optional, choose, checking,
        show, hide, shown, hidden, not_provided, notice, important, opens_pdf, other_language,
        in_other_language, other_language_label, call_us, hours, reference, leave, legal_line,
        broker_line, affiliate_line, privacy, accessibility, help, footer, per_kwh, dollars,
        price_chart, kwh_500, kwh_1000, kwh_2000, timeout_title, timeout_text, timeout_aside, timeout_left,
        timeout_stay, timeout_leave, step_done, wait, still, order, order_change, order_price,
        kept_for, aside_after, how, about, progress, broker_line_all, affiliate_line_all, and,
        email,
    }
    /// Days and months.
    DatesText {
        long, without_weekday, moment, clock, am, pm, january, february, march, april, may, june, july, august, september, october,
        november, december, monday, tuesday, wednesday, thursday, friday, saturday, sunday,
    }
    /// When a call center answers.
    HoursText {
        always, daily, days, one_day, o_clock, one_o_clock, midnight, open, open_until, opens_today, opens_on, closed,
    }
    /// The name of each step.
    StepsText {
        zip, plans, address, contact, billing, identity, quiz, start_date, deposit, review,
    }
    /// One sentence per kind of mistake.
    ProblemText {
        too_long, garbled, zip_digits, phone_digits, phone_never_issued, email_shape,
        name_characters, ssn_digits, ssn_never_issued, license_digits, month_missing, day_missing,
        year_missing, not_a_month, not_a_day, year_digits, not_a_date, in_future, too_young,
        too_old, street_number_missing, street_number_too_long, street_name_missing, other_unit, po_box_here,
        po_box_number, address_characters, city_characters, state_code, esi_id_digits,
        prospect_id_shape, not_a_choice, not_offered, ours, secret_again,
    }
    /// What of a link into the journey could not be used.
    LinkText {
        title, zip, transaction, language, brand, offer, promo, plan, begun, stopped, processing, done, go_back,
        start_over,
    }
    /// The previews of links to the site.
    PreviewText {
        title, description,
    }
    /// The `zip` page.
    ZipText {
        title, lead, have_heading, have_id, have_address, have_date, kept, help, zip_hint,
        transaction_legend, move_in, move_in_hint, switch, switch_hint, submit, how,
        |
        zip: FieldMessages,
        transaction: FieldMessages,
    }
    /// The `plans` page.
    PlansText {
        title, lead, count, count_one, change_zip, filters, use_and_filters, filters_set, filter_brand, filter_kind, filter_term,
        filter_green, filter_any, sort, sort_price_500, sort_price_1000, sort_price_2000,
        sort_term, usage, apply, reset, none_match, none_match_how, price_at, spread, relax, kind, fixed,
        variable, indexed, fixed_hint, variable_hint, indexed_hint, term, term_months,
        term_monthly, cancel_fee, cancel_fee_none, cancel_fee_not_stated, cancel_fee_note, green, credit_flag,
        credit_window, credit_from, documents, efl, tos, yrac, choose, details, page_of, previous,
        next, changed, gone, other_utility, chosen, brand_missing, brand_out, use_lead, home, home_apartment,
        home_small, home_middle, home_large, usage_problem, sort_mean, sort_mine, estimate, estimate_heading,
        price_row, special, credit_unclear, charge_flag, charge_below, charge_unclear, smart_flag,
        smart, efl_short, tos_short, yrac_short, compare, compare_how, compare_now,
        paperless_flag, paperless, autopay_flag, autopay, prepaid_flag, prepaid, prepaid_heading,
        prepaid_pay, prepaid_minimum, prepaid_cut, prepaid_notices, prepaid_deposit, prepaid_ask,
    }
    /// The page of one plan.
    PlanText {
        title, price_heading, about_heading, documents_heading, documents_hint,
    }
    /// The `address` page.
    AddressText {
        title, lead, street_hint, unit_hint, state, know_esi_id, esi_id_hint, bills_here, esi_id_unknown,
        esi_id_other,
        |
        street: FieldMessages,
        unit: FieldMessages,
        city: FieldMessages,
        zip: FieldMessages,
        esi_id: FieldMessages,
    }
    /// The `contact` page.
    ContactText {
        title, lead, email_hint, phone_hint, language_legend, english, spanish,
        not_checked_again, marketing_heading, marketing_hint, marketing_email, marketing_phone,
        email_hint_account,
        |
        first_name: FieldMessages,
        last_name: FieldMessages,
        email: FieldMessages,
        phone: FieldMessages,
        language: FieldMessages,
    }
    /// The `billing` page.
    BillingText {
        title, lead, same, other, po_box_choice, street_heading, elsewhere_hint, street_hint,
        po_box_hint, street_unread, street_and_po_box,
        |
        choice: FieldMessages,
        street: FieldMessages,
        unit: FieldMessages,
        po_box: FieldMessages,
        city: FieldMessages,
        state: FieldMessages,
        zip: FieldMessages,
    }
    /// The `identity` page.
    IdentityText {
        title, birth_date_hint, month, day, year, document_legend, with_ssn,
        with_license, with_license_hint, with_neither, with_neither_call, with_neither_hint,
        other_state, ssn_hint, ssn_who, ssn_why, ssn_then, privacy_link, license_hint, kept,
        ask_again, prospect_summary, prospect_hint, credit_heading,
        credit_authorization, submit, by_phone_submit, not_verified_title, not_verified_alert,
        not_verified, changed_since, compared_heading, usual_heading, usual_name, usual_nickname,
        usual_two_names, usual_digits, checked_again, attempts_left,
        attempts_left_one, nothing_changed, nothing_changed_again, no_attempts_left, quiz_instead, prospect_unknown,
        record_unknown, token_unusable, birth_date_refused, age_call,
        |
        birth_date: FieldMessages,
        document: FieldMessages,
        ssn: FieldMessages,
        license: FieldMessages,
        prospect_id: FieldMessages,
    }
    /// The `quiz` page.
    QuizText {
        title, lead, language_note, answers_gone, new_questions, correct_instead, submit, call,
        |
        answer: FieldMessages,
    }
    /// The `start_date` page.
    StartDateText {
        title_move_in, title_switch, lead, first, fee_heading, type_instead, type_hint,
        not_offered, credit_note, new_dates, month_heading, soonest, other_day, not_a_date, clear_to_keep,
        two_dates, other_weekday,
        |
        date: FieldMessages,
    }
    /// The `deposit` page.
    DepositText {
        title, lead, amount, due, reasons, notice_heading, agency, agency_equifax,
        agency_transunion, ways_heading, ways_lead, way_age, way_violence, way_medical,
        way_payment, way_guarantee, installments, ways_documents, go_on_heading, go_on,
        go_on_hint, with_ssn, correct_ssn, correct_ssn_hint, same_ssn, with_ssn_hint, other_plan, other_plan_hint,
        waits, way_military, way_letter_of_credit, papers, papers_hint, papers_title, papers_call,
        papers_kept, papers_later,
        |
        choice: FieldMessages,
        ssn: FieldMessages,
    }
    /// The `review` page.
    ReviewText {
        title, lead, plan_heading, service_heading, you_heading, plan, provider, price, term,
        cancel_fee, transaction, move_in, switch, service_address, utility, start_date, name,
        email, phone, billing_address, billing_same, bill_language, birth_date, birth_date_kept,
        ssn, license, ending_in, no_id, marketing, marketing_email, marketing_phone,
        marketing_none, deposit, deposit_none, deposit_due, documents_heading, documents_lead,
        paperless_legend, paperless_yes, paperless_no, rescission_heading, rescission,
        consent_heading, consent_documents, consent_affirmation, consent_records, consent_hint,
        submit, submit_hint, repaired,
        paperless_needed, paperless_no_hint, deposit_title, switch_heading, switch_no_cancel,
        |
        documents: FieldMessages,
        affirmation: FieldMessages,
        records: FieldMessages,
        paperless: FieldMessages,
    }
    /// The `ask` page.
    AskText {
        utility_title, utility_lead, suggestion_title, suggestion_lead, suggested, typed, correct,
        unit_title, unit_lead, unit_unknown_title, unit_unknown_lead, not_verified_title,
        not_verified_lead, meter_title, meter_lead, meter_none, past_service_title,
        past_service_lead, past_service_lead_unknown, past_service_why, past_service_yes,
        past_service_no, past_balance_title, past_balance_lead, past_balance_amount,
        past_balance_why, past_balance_go_on, recent_title, recent_lead, recent_why, recent_go_on,
        recent_stop, other_title, go_on, billing_title, billing_lead, home, unit_choose, unit_list_lead,
        unit_typed, by_esi_id, filter, filter_submit, filter_count, filter_none, filter_all,
        |
        utility: FieldMessages,
        address: FieldMessages,
        unit: FieldMessages,
        meter: FieldMessages,
        past_service: FieldMessages,
    }
    /// Each kind of stop.
    StopText {
        call_heading, call_lead, next_heading, change_answer, try_again, start_over, check_again,
        check_again_hint, opens_site, freeze_later,
        |
        area_not_served: StopKindText,
        other_area: StopKindText,
        no_plans: StopKindText,
        business_meter: StopKindText,
        switch_hold: StopKindText,
        own_customer: StopKindText,
        no_meter: StopKindText,
        credit_freeze: StopKindText,
        credit_fraud: StopKindText,
        deposit_unknown: StopKindText,
        attempts_used_up: StopKindText,
        identity_hold: StopKindText,
        quiz_failed: StopKindText,
        current_customer: StopKindText,
        restricted: StopKindText,
        no_id: StopKindText,
        refused: StopKindText,
        not_sent: StopKindText,
        already_submitted: StopKindText,
        other: StopKindText,
    }
    /// Each kind of advice.
    AdviceText {
        switch_hold_notify_title, switch_hold_notify, no_meter_found_title, no_meter_found,
        several_meters_found_title, several_meters_found, default_offers_title, default_offers,
        undecided_match_title, undecided_match, other_title,
    }
    /// The page of something that is waited for.
    WaitingText {
        title, lead, saved, done, now, zip, plans, address, billing, identity, questions, quiz, dates, credit, review,
        usual, usual_long, taken, seconds, slow, come_back, once, refresh,
    }
    /// The `processing` page.
    ProcessingText {
        title, lead, saved, passing_on, confirming, again, slow, once,
        unknown_title, unknown_lead, unknown_next,
    }
    /// The `confirmation` page.
    ConfirmationText {
        title, lead, account_number, check_digit, accepted_title, accepted_lead, duplicate_title,
        duplicate_lead, reference, next_heading, next_email, next_start_move_in, next_start_switch,
        next_start_switch_undated, next_bill, deposit_heading, deposit_lead, deposit_pay,
        deposit_phone, deposit_phone_only, deposit_phone_later, holds_heading, holds_none,
        hold_unnamed, holds_looking, holds_unknown, outage_heading, outage, commission, keep, shown_on,
        page_address, plan_heading, documents_heading, deposit_title, calendar, calendar_move_in, calendar_switch, calendar_text, feedback,
        finish, print,
        accepted_lead_call, duplicate_lead_call, first_heading, first_deposit, first_account,
        first_identity, first_switch_hold, first_meter, first_open, next_asked_move_in, next_asked_switch,
        next_asked_switch_undated, next_no_cancel, next_autopay, deposit_papers, date_asked,
    }
    /// The `pay` page.
    PayText {
        title, lead, amount, account_number, submit, phone, phone_only, return_title, return_lead,
        return_again, return_confirmation,
    }
    /// The page that a partner's link leads to.
    HandedOverText {
        title, lead, lead_nothing, check, without, notice_title, notice, gone_title, gone,
    }
    /// The question before the answers are deleted.
    LeaveText {
        title, lead, lead_later, submitted_lead, save, delete,
    }
    /// The `session_ended` page.
    SessionEndedText {
        title, lead, none_title, none_lead, submitted_heading, submitted, submitted_mail, submitted_call,
        not_submitted_heading, not_submitted, left_title, left_lead, start, saved_title, saved_lead, saved_again,
        aside_lead,
        submitted_goes_on,
    }
    /// The page for a browser that takes no cookies.
    CookieRefusedText {
        title, text, what_to_do, again,
    }
    /// The page that says how it works.
    HowText {
        title, lead, plan_title, plan, home_title, home, identity_title, identity, date_title, date, submit_title,
        submit, stop_title, stop, later, start,
    }
    /// The page about the affiliate and its providers.
    AboutText {
        title, lead, not_provider, broker, providers_heading, legal_name, certificate, phone,
    }
    /// The plans side by side.
    CompareText {
        title, none, only_three, spread, same, remove, back, yes, no, nothing,
    }
    /// The `help` page.
    HelpText {
        title,         questions_heading, ssn_question, ssn_answer, credit_question, credit_answer,
        utility_question, utility_answer, cancel_question, cancel_answer, commission,
    }
    /// The `privacy` page.
    PrivacyText {
        title, lead, used_heading, used, number_heading, number, kept_heading, kept, later, aside,
        cookie_heading, cookie, click_heading, click, policy,
    }
    /// The `accessibility` page.
    AccessibilityText {
        title, lead, standard, time_heading, time, problem_heading, problem,
    }
    /// Continuing later: the page that gives the link, and the one it leads to.
    ResumeText {
        later, saved_title, saved_lead, saved_birth_date, saved_phone, saved_nothing, keep, copy, copied, copy_failed,
        share, by_hand, address, qr_title, qr_text, qr_label, mail, mail_subject,
        mail_body, now, title, lead_code, lead_birth_date, lead_phone, lead_nothing, replaces, wrong, wrong_one,
        gone_title, gone, other_code,
        code_hint, code_wrong,
        |
        code: FieldMessages,
    }
    /// The page of an outage.
    OutageText {
        site_title, site_until, site_unknown, site_kept, brand_title, brand_lead, brand_kept, other_plan,
    }
    /// Where an enrollment stands later: the link to look it up by, the question, and the page.
    StatusText {
        offer, offer_button, link_title, link_lead, qr_title, keep, mail_subject, mail_body, ask_title, ask_lead,
        ask_submit, title, unknown, deposit_open, deposit_paid, papers, other, released, open_heading, told, as_told,
        gone_title, gone,
    }
    /// What is kept of an enrollment, for the person.
    AccessText {
        title, printed, reference, none, submission, record, state, ready, sent, enrolled, accepted, refused,
        correctable, duplicate, unknown, submitted, answered, provider, plan, service, meter, site, account,
        check_digit, customer, document, code, message, unopened, billing_zip, paperless, yes, no, facts,
        link, request, later, activated, cancelled, rejected, corrected, settled, standing, postbacks, told,
        telling, was_told, not_told, consents, credit, documents, affirmation, records, marketing, text,
        text_named, language, shown_documents, client_address, user_agent, findable, actions, action_access,
        action_erase, action_hold, action_release, action_show, action_find, not_here,
    }
    /// The page that makes links, for the affiliate.
    LinkBuilderText {
        title, lead, link_heading, open, form_heading, form_hint, language, offer, offer_hint, offer_problem, promo,
        promo_hint, promo_problem, clicks, clicks_hint, click_problem, macros, macro_hint, submit,
    }
    /// Pages about something that failed.
    ErrorText {
        not_found_title, not_found, cross_site_title, cross_site, like_a_program_title, like_a_program,
        not_arrived_title, not_arrived,
        too_many_title, too_many, too_many_kept, too_many_not_kept, wait_minute, wait_minutes, wait_hours,
        too_large_title, too_large, busy_title, busy, sorry_title, sorry, moment_title, moment, try_again, go_on, home,
        stale_title, stale, full_title, full, cut, credit_again, attempt_again, no_answer,
    }
}
