package party;

import static org.springframework.security.config.Customizer.withDefaults;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A Spring Boot application set up by the snippet's own application.yaml: one page that says who is there, one for afterwards. */
@SpringBootApplication
@RestController
public class SpringParty {

    /** Everything needs a log-in; a log-out goes on to the provider, and the provider's own ends the session here. */
    @Bean
    SecurityFilterChain doors(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
        var goodbye = new OidcClientInitiatedLogoutSuccessHandler(clients);
        goodbye.setPostLogoutRedirectUri("{baseUrl}/goodbye");
        return http
            .authorizeHttpRequests(asked -> asked.requestMatchers("/goodbye").permitAll().anyRequest().authenticated())
            .oauth2Login(withDefaults())
            .logout(own -> own.logoutSuccessHandler(goodbye))
            .oidcLogout(told -> told.backChannel(withDefaults()))
            .build();
    }

    /** What the id token and userinfo say. */
    @GetMapping("/")
    ResponseEntity<Map<String, Object>> show(@AuthenticationPrincipal OidcUser who) {
        Map<String, Object> said =
            Map.of("name", who.getName(), "claims", who.getIdToken().getClaims(), "person", who.getUserInfo().getClaims());
        return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(said);
    }

    @GetMapping("/goodbye")
    String part() {
        return "goodbye";
    }

    public static void main(String[] words) {
        SpringApplication.run(SpringParty.class, words);
    }
}
