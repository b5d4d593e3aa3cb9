"""A fault for each rule: its protection taken away, and the test of the register that must then fail."""

from tests.mutations.fault import Planted
from tests.mutations.planted_faults import FAULTS
from tests.mutations.planted_supply import SUPPLY

ACCESS = "tests/test_access.py"
SWEEP = "tests/sweeps/test_strangers.py"
SWAPPED = "tests/sweeps/test_swapped.py::test_anothers_id_in_a_field_or_query_does_what_an_id_that_is_nowhere_does"
ACCOUNTS = "tests/core/accounts"
RECORDS = "tests/core/records"
DISPENSING = "tests/core/dispensing"
PLANTED = (
    Planted(
        "S02",
        "portal/web/access.py",
        "    if found.role not in roles:\n",
        "    if False:\n",
        f"{ACCESS}::test_each_role_has_the_permissions_of_the_table",
    ),
    Planted(
        "S02",
        "portal/core/records/reading.py",
        "found.beneficiary is None or found.beneficiary.account_id != account.id:",
        "found.beneficiary is None:",
        f"{SWEEP}::test_what_is_somebody_elses_looks_as_if_it_were_not_there",
    ),
    Planted(
        "S03",
        "portal/core/privacy/codes.py",
        "    is_one &= RegisterEntry.centre == desk.centre\n",
        "",
        SWAPPED,
    ),
    Planted(
        "S03",
        "portal/core/referrals/requests.py",
        " & (Beneficiary.account == account)\n    ",
        "\n    ",
        SWAPPED,
    ),
    Planted(
        "S05",
        "portal/core/records/reading.py",
        "    if found is None or found.beneficiary is None or not _is_treating(doctor, found.beneficiary):\n",
        "    if found is None or found.beneficiary is None:\n",
        f"{SWEEP}::test_a_doctor_reads_nothing_but_the_own_notes_after_the_end",
    ),
    Planted(
        "S06",
        "portal/core/referrals/services.py",
        "rows.where((Referral.uid == uid) & (RegisterEntry.centre == officer.centre)).first()",
        "rows.where(Referral.uid == uid).first()",
        "tests/core/referrals/test_services.py::test_a_referral_of_another_centre_is_not_found",
    ),
    Planted(
        "S07",
        "portal/core/boards/patient_views.py",
        "wanted.beneficiary, wanted.specialty, wanted.complaint, gate=way_in",
        'wanted.beneficiary, wanted.specialty, request.form.get("reason") or wanted.complaint, gate=way_in',
        "tests/sweeps/test_columns.py::test_columns_sent_along_with_a_deed_are_ignored",
    ),
    Planted(
        "S07",
        "portal/core/rights/cases.py",
        "            text=text,\n            asked_at",
        '            text=form.get("reason") or text,\n            asked_at',
        "tests/sweeps/test_columns.py::test_columns_sent_along_with_any_form_are_ignored",
    ),
    Planted(
        "S11",
        "templates/rights/hold.html",
        '(_("Patient ID"), hold.beneficiary.patient_id),',
        '(_("Patient ID"), hold.beneficiary.patient_id ~ hold.beneficiary.address),',
        "tests/sweeps/test_fields.py::test_each_column_is_read_by_the_roles_of_the_table",
    ),
    Planted(
        "S12",
        "portal/core/accounts/sign_ins.py",
        "    if person is None or person.disabled_at or _idle_too_long(row, now):\n",
        "    if person is None or _idle_too_long(row, now):\n",
        "tests/live/test_layer.py::test_a_disabled_person_is_refused_even_if_the_sign_in_was_not_ended",
    ),
    Planted(
        "S14",
        "portal/core/accounts/otp.py",
        "    if is_alive and is_right and _spend(challenge, now):\n",
        "    if is_right:\n",
        f"{ACCOUNTS}/test_views.py::test_a_code_whose_sign_in_was_ended_cannot_be_retried",
    ),
    Planted(
        "S15",
        "portal/core/accounts/otp.py",
        "        expires_at=now + timedelta(minutes=minutes),\n",
        "        expires_at=now + timedelta(minutes=2 * minutes),\n",
        f"{ACCOUNTS}/test_views.py::test_a_code_expires_after_five_minutes",
    ),
    Planted(
        "S16",
        "portal/core/accounts/otp.py",
        "    _require_back_off(wrong_tries, now)\n",
        "",
        f"{ACCOUNTS}/test_throttle.py::test_too_many_wrong_codes_get_429_and_the_code_stays_valid",
    ),
    Planted(
        "S17",
        "portal/core/accounts/otp.py",
        "        throttle.hit(ALL_TEXTS, now=now)\n",
        "",
        f"{ACCOUNTS}/test_throttle.py::test_a_flood_stops_at_the_budget_but_not_for_known_devices",
    ),
    Planted(
        "S25",
        "portal/core/accounts/credentials.py",
        '    if found["score"] >= SAFE:\n',
        "    if True:\n",
        f"{ACCOUNTS}/test_credentials.py::test_a_password_that_leaked_or_follows_a_pattern_is_refused",
    ),
    Planted(
        "S27",
        "portal/core/accounts/sign_ins.py",
        "    if row is None or row.ended_at or row.ends_at <= now or row.kiosk != kiosk:\n",
        "    if row is None or row.ends_at <= now or row.kiosk != kiosk:\n",
        f"{ACCOUNTS}/test_sign_out.py::test_signing_out_invalidates_a_saved_cookie",
    ),
    Planted(
        "S28",
        "portal/core/accounts/sign_ins.py",
        "    elif not background and now - row.seen_at > TOUCH_EVERY[kind_of(row)]:\n",
        "    elif now - row.seen_at > TOUCH_EVERY[kind_of(row)]:\n",
        f"{ACCOUNTS}/test_sign_out.py::test_polls_do_not_touch_the_sign_in",
    ),
    Planted(
        "S29",
        "portal/web/security.py",
        "        SESSION_COOKIE_HTTPONLY=True,\n",
        "        SESSION_COOKIE_HTTPONLY=False,\n",
        "tests/web/test_security.py::test_the_session_cookie_is_httponly_and_samesite",
    ),
    Planted(
        "S31",
        "portal/web/security.py",
        '    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:\n',
        "    if False:\n",
        "tests/sweeps/test_forms.py::test_a_form_from_elsewhere_is_refused_and_changes_nothing",
    ),
    Planted(
        "S32",
        "portal/web/security.py",
        '    "frame-ancestors": "\'none\'",\n',
        "",
        "tests/web/test_security.py::test_every_response_has_the_security_headers",
    ),
    Planted(
        "S33",
        "portal/web/security.py",
        '            "X-Content-Type-Options": "nosniff",\n',
        "",
        "tests/web/test_security.py::test_every_response_has_the_security_headers",
    ),
    Planted(
        "S36",
        "portal/web/pages.py",
        "    return path if OWN_PATH.fullmatch(path) else otherwise\n",
        "    return path or otherwise\n",
        "tests/web/test_security.py::test_the_language_switch_is_no_open_redirect",
    ),
    Planted(
        "S38",
        "portal/web/security.py",
        "        TRUSTED_HOSTS=_hosts(config),\n",
        "        TRUSTED_HOSTS=None,\n",
        "tests/web/test_security.py::test_an_untrusted_host_header_is_refused",
    ),
    Planted(
        "S41",
        "portal/base/outbound.py",
        "    return not any(address.version == network.version and address in network for network in _CLOSED)\n",
        "    return True\n",
        "tests/base/test_outbound.py::test_an_internal_address_is_not_public",
    ),
    Planted(
        "S43",
        "portal/tasks.py",
        '            raise ValueError("a task with a wrong signature")\n',
        "            pass\n",
        "tests/test_tasks.py::test_a_task_signed_with_another_key_is_refused",
    ),
    Planted(
        "S44",
        "portal/store/csv_file.py",
        '    return f"\'{cell}" if cell.startswith(FORMULA) else cell\n',
        "    return cell\n",
        "tests/store/test_csv_file.py::test_no_cell_can_be_run_as_a_formula",
    ),
    Planted(
        "S45",
        "portal/core/records/kinds.py",
        '    return "pdf" if b"%PDF-" in head else None\n',
        '    return "pdf"\n',
        f"{RECORDS}/test_kinds.py::test_each_type_has_its_signature",
    ),
    Planted(
        "S47",
        "portal/core/records/cleaning/pictures.py",
        "MAX_PIXELS = 50_000_000\n",
        "MAX_PIXELS = 50_000_000_000\n",
        f"{RECORDS}/cleaning/test_pictures.py::test_a_decompression_bomb_is_refused_before_it_is_decoded",
    ),
    Planted(
        "S49",
        "portal/core/records/cleaning/virus_scan.py",
        '    if answer != "stream: OK":\n',
        "    if False:\n",
        f"{RECORDS}/cleaning/test_virus_scan.py::test_an_answer_that_is_no_judgement_leaves_the_record_unread",
    ),
    Planted(
        "S50",
        "portal/store/filing/current.py",
        "    return content if hashlib.sha256(content).hexdigest() == sha256 else None\n",
        "    return content\n",
        f"{RECORDS}/test_files.py::test_one_changed_byte_fails_the_checksum",
    ),
    Planted(
        "S63",
        "portal/web/access.py",
        '        audit.note("Refused", request.endpoint[:40], by=found.actor, now=now(), status=403)\n',
        "",
        f"{ACCESS}::test_each_role_has_the_permissions_of_the_table",
    ),
    Planted(
        "S37",
        "portal/web/security.py",
        '    "frame-ancestors": "\'none\'",\n',
        "",
        "tests/e2e/test_boundaries.py::test_no_page_is_shown_in_a_frame_of_another_site",
    ),
    Planted(
        "S08",
        "portal/core/beneficiaries/person_views.py",
        "            _save(person, typed_form())\n",
        "            _save(person, typed_form())\n"
        '            type(person.entry).update(date_of_birth=request.form["date_of_birth"]).execute()\n',
        "tests/core/beneficiaries/test_person_views.py::"
        "test_an_older_birth_date_sent_along_opens_no_token_without_a_referral",
    ),
    *FAULTS,
    *SUPPLY,
)
