// Puts the client of oapi-codegen through the scenarios.
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"scenarios/recordings"
)

const playable = "0907065723240097"

var ctx = context.Background()

// A refused call, as the generated type has it.
type refusal struct{ problem recordings.Problem }

func (r refusal) Error() string { return fmt.Sprint(r.problem.Status, " ", r.problem.Type) }

func connect(credentials string) *recordings.ClientWithResponses {
	authorize := func(_ context.Context, request *http.Request) error {
		if user, password, isBasic := strings.Cut(credentials, ":"); isBasic {
			request.SetBasicAuth(user, password)
		} else if credentials != "" {
			request.Header.Set("Authorization", credentials)
		}
		return nil
	}
	client, err := recordings.NewClientWithResponses(os.Getenv("GATEWAY_URL"), recordings.WithRequestEditorFn(authorize))
	if err != nil {
		panic(err)
	}
	return client
}

// The first problem among those that an operation may have answered with.
func refuse(problems ...*recordings.Problem) error {
	for _, problem := range problems {
		if problem != nil {
			return refusal{*problem}
		}
	}
	return fmt.Errorf("there is neither an answer nor a problem")
}

func list(client *recordings.ClientWithResponses, limit int32, cursor *string) (*recordings.RecordingList, error) {
	params := recordings.ListRecordingsParams{Type: recordings.RecordingType("findme"), Id: 1234, Limit: &limit, Cursor: cursor}
	answer, err := client.ListRecordingsWithResponse(ctx, &params)
	if err != nil {
		return nil, err
	}
	if answer.JSON200 != nil {
		return answer.JSON200, nil
	}
	return nil, refuse(answer.ApplicationproblemJSON400, answer.ApplicationproblemJSON401, answer.ApplicationproblemJSON403,
		answer.ApplicationproblemJSON429, answer.ApplicationproblemJSON502, answer.ApplicationproblemJSON503,
		answer.ApplicationproblemJSON504)
}

// Nil bytes where the recording is still being processed.
func audio(client *recordings.ClientWithResponses, sid string, format string) ([]byte, error) {
	wanted := recordings.AudioFormat(format)
	answer, err := client.GetRecordingAudioWithResponse(ctx, sid, &recordings.GetRecordingAudioParams{Format: &wanted})
	if err != nil {
		return nil, err
	}
	if answer.JSON202 != nil {
		return nil, nil
	}
	if answer.StatusCode() == http.StatusOK {
		return answer.Body, nil
	}
	return nil, refuse(answer.ApplicationproblemJSON401, answer.ApplicationproblemJSON404, answer.ApplicationproblemJSON502)
}

func remove(client *recordings.ClientWithResponses, sid string) error {
	answer, err := client.DeleteRecordingWithResponse(ctx, sid, nil)
	if err != nil {
		return err
	}
	if answer.StatusCode() == http.StatusNoContent {
		return nil
	}
	return refuse(answer.ApplicationproblemJSON403, answer.ApplicationproblemJSON404, answer.ApplicationproblemJSON409)
}

func uploadBytes(client *recordings.ClientWithResponses, body []byte) (int64, error) {
	id := int64(1234)
	params := recordings.UploadAudioParams{Type: recordings.UploadType("findme"), Id: &id}
	answer, err := client.UploadAudioWithBodyWithResponse(ctx, &params, "audio/mpeg", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	if answer.JSON201 != nil {
		return answer.JSON201.ContentLength, nil
	}
	return 0, refuse(answer.ApplicationproblemJSON400)
}

func walks(client *recordings.ClientWithResponses) error {
	first, err := list(client, 1, nil)
	if err != nil {
		return err
	}
	second, err := list(client, 1, first.NextCursor)
	if err != nil {
		return err
	}
	sids := first.Recordings[0].Sid + "," + second.Recordings[0].Sid
	if second.NextCursor != nil {
		return fmt.Errorf("there is another page")
	}
	return equal(sids, "0932654521723728,123456789101112")
}

func plays(client *recordings.ClientWithResponses, format string) error {
	sound, err := audio(client, playable, format)
	if err != nil {
		return err
	}
	return equal(digest(sound), os.Getenv(strings.ToUpper(format)+"_SHA256"))
}

func processes(client *recordings.ClientWithResponses) error {
	sound, err := audio(client, "0907065723240203", "wav")
	if err == nil && sound != nil {
		return fmt.Errorf("is audio")
	}
	return err
}

func links(client *recordings.ClientWithResponses) error {
	answer, err := client.CreateAudioLinkWithResponse(ctx, playable, recordings.AudioLinkRequest{})
	if err != nil || answer.JSON201 == nil {
		return fmt.Errorf("there is no link: %v", err)
	}
	response, err := http.Get(answer.JSON201.Url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	sound, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	return equal(digest(sound), os.Getenv("WAV_SHA256"))
}

func uploads(client *recordings.ClientWithResponses) error {
	id := int64(1234)
	upload := recordings.UploadRequest{Type: recordings.UploadType("findme"), Id: &id, Path: "/path/to/audio.wav"}
	answer, err := client.CreateUploadWithResponse(ctx, nil, upload)
	if err != nil || answer.JSON201 == nil {
		return fmt.Errorf("there is no upload: %v", err)
	}
	return equal(answer.JSON201.Path, upload.Path)
}

func uploadsBytes(client *recordings.ClientWithResponses) error {
	body, err := os.ReadFile(os.Getenv("MP3_FILE"))
	if err != nil {
		return err
	}
	length, err := uploadBytes(client, body)
	if err != nil {
		return err
	}
	return equal(length, int64(len(body)))
}

func tokens(client *recordings.ClientWithResponses) error {
	scope := "recordings:read"
	request := recordings.TokenRequest{GrantType: "client_credentials", Scope: &scope}
	answer, err := client.IssueTokenWithFormdataBodyWithResponse(ctx, request)
	if err != nil || answer.JSON200 == nil {
		return fmt.Errorf("there is no token: %v %s", err, answer.Body)
	}
	page, err := list(connect("Bearer "+answer.JSON200.AccessToken), 1, nil)
	if err != nil {
		return err
	}
	return equal(len(page.Recordings), 1)
}

func perform(client *recordings.ClientWithResponses, call string, argument string) error {
	switch call {
	case "list":
		limit, err := strconv.Atoi(argument)
		if err != nil {
			return err
		}
		_, err = list(client, int32(limit), nil)
		return err
	case "audio":
		_, err := audio(client, argument, "wav")
		return err
	case "delete":
		return remove(client, argument)
	default:
		_, err := uploadBytes(client, []byte(argument))
		return err
	}
}

func refused(err error, status string, slug string) error {
	refusal, isRefusal := err.(refusal)
	if !isRefusal {
		return fmt.Errorf("was not refused: %v", err)
	}
	return equal(fmt.Sprint(refusal.problem.Status, refusal.problem.Type), status+"/problems/"+slug)
}

func order(method string, fault string) {
	request, err := http.NewRequest(method, os.Getenv("EMULATOR_URL")+"/_emulator/fault", strings.NewReader(fault))
	if err != nil {
		panic(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
}

func equal[Value comparable](actual Value, expected Value) error {
	if actual == expected {
		return nil
	}
	return fmt.Errorf("%v is not %v", actual, expected)
}

func digest(sound []byte) string {
	sum := sha256.Sum256(sound)
	return hex.EncodeToString(sum[:])
}

func scenario(name string, err error) {
	if err == nil {
		fmt.Println("ok " + name)
	} else {
		fmt.Printf("not ok %s\t%v\n", name, err)
	}
}

func main() {
	client := connect("foofoofoo:foobarfoo")
	scenario("walks a list by its pages", walks(client))
	scenario("gets WAV, byte for byte", plays(client, "wav"))
	scenario("gets MP3, byte for byte", plays(client, "mp3"))
	scenario("tells processing from audio", processes(client))
	scenario("makes a link that plays without credentials", links(client))
	scenario("uploads from a path", uploads(client))
	scenario("uploads bytes", uploadsBytes(client))
	scenario("gets a token and acts with it", tokens(client))
	rows, err := os.ReadFile(os.Getenv("REFUSALS"))
	if err != nil {
		panic(err)
	}
	for _, line := range strings.Split(strings.TrimRight(string(rows), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		if cells[6] != "" {
			order(http.MethodPut, cells[6])
		}
		err := perform(connect(cells[5]), cells[3], cells[4])
		scenario(cells[0], refused(err, cells[2], cells[1]))
		order(http.MethodDelete, "")
	}
	err = remove(client, playable)
	if err == nil {
		_, err = audio(client, playable, "wav")
		err = refused(err, "404", "recording-not-found")
	}
	scenario("deletes", err)
}
