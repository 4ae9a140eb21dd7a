using System.Collections.Concurrent;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Net;
using System.Security;

namespace Virt.Tests.PowerShell;

/// <summary>
/// A user: what is shown is kept, and what is asked is answered as the test says. As long as it says nothing there is nobody to
/// ask, as with <c>pwsh -NonInteractive</c>.
/// </summary>
internal sealed class LabScreen : PSHostUserInterface
{
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<string> _questions = [];

    /// <summary>The lines that were written for the user, as those of -WhatIf.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The choices that the user was asked to make, as those of -Confirm.</summary>
    public IReadOnlyCollection<string> Questions => _questions;

    /// <summary>What was written without an end of line.</summary>
    public string Written { get; private set; } = "";

    /// <summary>The label of the choice that a message asks for; empty when the user makes none.</summary>
    public Func<string, string> Choose { get; set; } = NobodyIsThere<string, string>;

    /// <summary>The credential for a message; null when the user gives none.</summary>
    public Func<string, PSCredential?> Identify { get; set; } = _ => null;

    /// <summary>The value of a parameter that is missing.</summary>
    public Func<string, object> Fill { get; set; } = NobodyIsThere<string, object>;

    /// <summary>What the user types unseen.</summary>
    public Func<string> Type { get; set; } = NobodyIsThere<string>;

    public override PSHostRawUserInterface? RawUI => null;

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        _questions.Enqueue(message);
        string answer = Choose(message);
        return answer.Length == 0 ? -1 : choices.Select(choice => choice.Label.Replace("&", "", StringComparison.Ordinal)).ToList().IndexOf(answer);
    }

    public override PSCredential? PromptForCredential(string caption, string message, string userName, string targetName) =>
        Identify(message);

    public override PSCredential? PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => Identify(message);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        descriptions.ToDictionary(field => field.Name, field => PSObject.AsPSObject(Fill(field.Name)));

    public override string ReadLine() => NobodyIsThere<string>();

    public override SecureString ReadLineAsSecureString() => new NetworkCredential("", Type()).SecurePassword;

    public override void Write(string value) => Written += value;

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

    public override void WriteLine(string value) => _lines.Enqueue(value);

    // Kept by the pipeline's own streams.
    public override void WriteDebugLine(string message)
    {
    }

    public override void WriteErrorLine(string value)
    {
    }

    public override void WriteVerboseLine(string message)
    {
    }

    public override void WriteWarningLine(string message)
    {
    }

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
    }

    /// <summary>Forgets what was shown and asked.</summary>
    public void Clear()
    {
        _lines.Clear();
        _questions.Clear();
        Written = "";
    }

    private static TAnswer NobodyIsThere<TAnswer>() => throw new HostException("nobody is there to be asked");

    private static TAnswer NobodyIsThere<TQuestion, TAnswer>(TQuestion question) => NobodyIsThere<TAnswer>();
}
