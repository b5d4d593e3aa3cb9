"""The administrator imports the register in a browser, watches the progress, and undoes it; every page is looked at."""

from tests.e2e.conftest import Enter

FILE = """Beneficiary ID,Name,Name in Hindi,Sex,DOB,Mobile No.,Wellness Centre
5000001,Ramesh Kumar,रमेश कुमार,M,03-02-1950,9000000111,1
5.0E+06,Sita Devi,सीता देवी,F,09-07-1961,9000000112,2
"""


def test_a_register_is_imported_and_undone(enter: Enter):
    admin = enter("administrator", "hi").sign_in_as_staff("admin")
    admin.open("/admin/beneficiaries").look("register")
    admin.open("/admin/beneficiaries/import")
    given = {"name": "register.csv", "mimeType": "text/csv", "buffer": FILE.encode()}
    admin.page.set_input_files("#file", given)
    admin.press("Upload the file").look("columns")
    admin.press("Show what would change")
    admin.page.get_by_text(admin.say("Write it into the register")).wait_for()
    admin.look("preview")
    admin.press("Write it into the register")
    admin.page.get_by_text(admin.say("This import is done")).wait_for()
    admin.look("report")
    admin.page.get_by_text(admin.say("Undo this import")).click()
    admin.press("Undo the import")
    admin.page.get_by_text(admin.say("This import is undone")).wait_for()
    admin.look("undone")
