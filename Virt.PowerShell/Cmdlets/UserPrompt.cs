using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using Virt.Connections;
using Virt.Errors;
using Virt.Terminals;

namespace Virt.PowerShell;

/// <summary>Puts a connection's questions to the user, each in PowerShell's way; for the pipeline thread.</summary>
internal static class UserPrompt
{
    private const string Caption = "Virt";

    /// <summary>Asks; null when the user gives no answer.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.AuthenticationCancelled"/> when there is nobody to ask.</exception>
    public static string[]? Ask(PSHostUserInterface screen, IReadOnlyList<CredentialRequest> requests)
    {
        string words = VisibleText.Lines(string.Join(" ", requests.Select(request => request.Prompt).Where(prompt => prompt.Length > 0)));
        try
        {
            return requests switch
            {
                [{ Kind: CredentialKind.Confirmation }] => Confirm(screen, words),
                [{ Kind: CredentialKind.Passphrase }] => Passphrase(screen, words),
                _ => Credential(screen, words, requests),
            };
        }
        catch (Exception e) when (e is HostException or PSInvalidOperationException or NotImplementedException)
        {
            throw new VirtException(
                VirtErrorCode.AuthenticationCancelled, $"the host asks, and this PowerShell cannot ask a user: {words}", null,
                "Give -Credential, put the key into an agent with ssh-add, or connect once from an interactive session.", e);
        }
    }

    private static string[]? Confirm(PSHostUserInterface screen, string words)
    {
        Collection<ChoiceDescription> choices = [new("&Yes", "Connect, and remember the key."), new("&No", "Do not connect.")];
        return screen.PromptForChoice(Caption, words, choices, defaultChoice: 1) == 0 ? ["yes"] : null;
    }

    private static string[]? Passphrase(PSHostUserInterface screen, string words)
    {
        screen.Write($"{words.TrimEnd()} ");
        return screen.ReadLineAsSecureString() is { Length: > 0 } typed ? [new NetworkCredential("", typed).Password] : null;
    }

    private static string[]? Credential(PSHostUserInterface screen, string words, IReadOnlyList<CredentialRequest> requests)
    {
        string? user = VisibleText.Line(requests.FirstOrDefault(request => request.Kind == CredentialKind.UserName)?.Default);
        PSCredential? given = screen.PromptForCredential(Caption, words, user, "");
        return given is null
            ? null
            : [.. requests.Select(request => request.Kind == CredentialKind.UserName ? given.UserName : given.GetNetworkCredential().Password)];
    }
}
