// go-oidc with x/oauth2 as an application, spoken with in lines of JSON: what it is told on stdin, what it says on stdout.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"log"
	"net/url"
	"os"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var lines = bufio.NewScanner(os.Stdin)

func hear(into any) {
	if !lines.Scan() {
		log.Fatal("nothing was said")
	}
	check(json.Unmarshal(lines.Bytes(), into))
}

func say(value any) {
	check(json.NewEncoder(os.Stdout).Encode(value))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	var told struct {
		Issuer      string `json:"issuer"`
		ClientID    string `json:"client_id"`
		Secret      string `json:"secret"`
		RedirectURI string `json:"redirect_uri"`
		Scope       string `json:"scope"`
		Post        bool   `json:"post"`
	}
	hear(&told)
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, told.Issuer)
	check(err)
	endpoint := provider.Endpoint()
	if told.Post {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	config := oauth2.Config{
		ClientID: told.ClientID, ClientSecret: told.Secret, RedirectURL: told.RedirectURI,
		Endpoint: endpoint, Scopes: strings.Fields(told.Scope),
	}
	verifier := oauth2.GenerateVerifier()
	say(map[string]string{
		"address": config.AuthCodeURL("the-state", oidc.Nonce("the-nonce"), oauth2.S256ChallengeOption(verifier)),
	})
	var back struct {
		CameBack string `json:"came_back"`
	}
	hear(&back)
	address, err := url.Parse(back.CameBack)
	check(err)
	if address.Query().Get("state") != "the-state" {
		log.Fatal("another state")
	}

	// A wrong secret first: it must not spend the code.
	wrong := config
	wrong.ClientSecret = "wrong"
	_, refused := wrong.Exchange(ctx, address.Query().Get("code"), oauth2.VerifierOption(verifier))

	tokens, err := config.Exchange(ctx, address.Query().Get("code"), oauth2.VerifierOption(verifier))
	check(err)
	raw, _ := tokens.Extra("id_token").(string)
	identity, err := provider.Verifier(&oidc.Config{ClientID: told.ClientID}).Verify(ctx, raw)
	check(err)
	check(identity.VerifyAccessToken(tokens.AccessToken))
	if identity.Nonce != "the-nonce" {
		log.Fatal("another nonce")
	}
	person, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	check(err)
	var claims map[string]any
	check(person.Claims(&claims))
	fresh, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	check(err)
	say(map[string]any{
		"refused": refused != nil, "sub": identity.Subject, "person": claims,
		"refreshed": fresh.AccessToken != tokens.AccessToken && fresh.RefreshToken != tokens.RefreshToken,
	})
}
