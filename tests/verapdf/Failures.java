import java.io.FileInputStream;
import java.io.InputStream;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/** Print a line for each rule of a profile that a file breaks, and last how many assertions were made. */
public class Failures {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String claim : arguments[0].split(",")) {
            for (int file = 1; file < arguments.length; file++) {
                System.out.println(claim + " " + file + " " + asserted(claim, arguments[file]));
            }
        }
    }

    private static long asserted(String claim, String file) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.byFlavourId(claim);
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
            ValidationResult result = Foundries.defaultInstance().createValidator(profile(claim), false).validate(parser);
            TreeSet<String> broken = new TreeSet<>();
            for (TestAssertion each : result.getTestAssertions()) {
                if (each.getStatus() == TestAssertion.Status.FAILED) {
                    broken.add(each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber() + " " + each.getMessage());
                }
            }
            for (String rule : broken) {
                System.out.println("FAILED " + claim + " " + rule.replace('\n', ' '));
            }
            return result.getTotalAssertions();
        }
    }

    private static ValidationProfile profile(String claim) throws Exception {
        String name = claim.startsWith("ua") ? "PDFUA-" + claim.substring(2) : "PDFA-" + claim.toUpperCase();
        String path = "org/verapdf/pdfa/validation/" + name + ".xml";
        try (InputStream source = Failures.class.getClassLoader().getResourceAsStream(path)) {
            return Profiles.profileFromXml(source);
        }
    }
}
