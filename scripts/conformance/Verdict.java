import java.io.FileInputStream;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.VeraPDFFoundry;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * veraPDF's verdict on files: `java -cp ... Verdict.java FILE...`, one line each and flavour, `PASS` or `FAIL` first, then the
 * clauses that do not hold. The profiles come out of the jar: its directory of flavours leaves PDF/UA out.
 */
public final class Verdict {
  private static final String[] FLAVOURS = {"3a", "ua1"};
  private static final int EVERY_FAULT = 1_000_000;

  public static void main(String[] files) throws Exception {
    LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    boolean all = files.length > 0;
    for (String flavour : FLAVOURS) {
      ValidationProfile profile = profile(flavour);
      for (String file : files) {
        all &= judged(file, PDFAFlavour.byFlavourId(flavour), profile);
      }
    }
    System.exit(all ? 0 : 1);
  }

  private static ValidationProfile profile(String flavour) throws Exception {
    String name = flavour.equals("ua1") ? "PDFUA-1" : "PDFA-" + flavour.toUpperCase();
    String place = "org/verapdf/pdfa/validation/" + name + ".xml";
    try (InputStream text = Verdict.class.getClassLoader().getResourceAsStream(place)) {
      return Profiles.profileFromXml(text);
    }
  }

  private static boolean judged(String file, PDFAFlavour flavour, ValidationProfile profile) throws Exception {
    try (VeraPDFFoundry foundry = Foundries.defaultInstance();
        PDFAParser parser = foundry.createParser(new FileInputStream(file), flavour)) {
      PDFAValidator validator = foundry.createValidator(profile, EVERY_FAULT, false, true, false);
      ValidationResult found = validator.validate(parser);
      String word = found.isCompliant() ? "PASS" : "FAIL";
      System.out.printf("%s %-4s %,8d checks  %s%n", word, flavour.getId(), found.getTotalAssertions(), file);
      faults(found).forEach((clause, said) -> System.out.println("       " + clause + " " + said));
      return found.isCompliant();
    }
  }

  /** The first sentence of each clause that does not hold. */
  private static Map<String, String> faults(ValidationResult found) {
    Map<String, String> faults = new LinkedHashMap<>();
    for (TestAssertion each : found.getTestAssertions()) {
      if (each.getStatus() == TestAssertion.Status.FAILED) {
        String clause = each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber();
        faults.putIfAbsent(clause, each.getMessage().replaceAll("\\s+", " "));
      }
    }
    return faults;
  }
}
