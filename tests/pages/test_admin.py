"""The admin of staff in a browser, under the same strict policy as every page."""

from playwright.sync_api import expect


def test_staff_takes_a_page_down_and_the_policy_stops_nothing(visit, world, shoot):
    page, complaints = visit(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto("/admin/experiments/experiment/")
    page.locator(f"input.action-select[value='{world.run.revision.experiment_id}']").check()
    page.locator("select[name=action]").select_option("take_down_for_law")
    expect(page.locator(".action-counter")).to_contain_text("1 of 4 selected")
    shoot(page, "admin-experiments")
    page.get_by_role("button", name="Go").click()
    expect(page.locator(".messagelist")).to_have_text("1 experiment was changed.")

    page.goto("/admin/")
    shoot(page, "admin")
    assert complaints == []
    answer = page.goto(world.run.get_absolute_url())
    assert answer.status == 451
    expect(page.get_by_role("heading", level=1)).to_have_text("What was here was taken down")
    shoot(page, "taken-down")
